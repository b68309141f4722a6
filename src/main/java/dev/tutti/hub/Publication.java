package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * What was said in a room. Immutable.
 *
 * @param offset its {@link Position}'s
 * @param timeMillis when, since 1970
 * @param from who said it; null for the application itself
 * @param data the message as JSON text, in one line of well-formed Unicode
 */
public record Publication(
        long offset, long timeMillis, @Nullable Sender from, String data) implements Notice {
    /** What the objects around the data take, in memory and on the wire. */
    static final int OVERHEAD_BYTES = 128;

    @Override
    public int bytes() {
        return data.length() + OVERHEAD_BYTES;
    }

    /** Returns whether the data is a JSON string, as plain clients want it. */
    public boolean isString() {
        return data.charAt(0) == '"';
    }
}
