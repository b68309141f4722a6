package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * What was said in a room. Immutable.
 *
 * @param offset its {@link Position}'s
 * @param timeMillis when, since 1970
 * @param from who said it; null for the application itself
 * @param data the message as JSON text, in one line of well-formed Unicode
 * @param bytes that this takes while it waits or is remembered: its data in memory, and the objects around it
 */
public record Publication(
        long offset, long timeMillis, @Nullable Sender from, String data, int bytes) implements RoomEvent {
    /** What the objects around the data take, in memory and on the wire. */
    static final int OVERHEAD_BYTES = 128;

    private static final int MAX_LATIN_1 = 0xFF;

    /** As above, with {@code bytes} counted: a string takes one byte a character if all are in Latin-1, else two. */
    public Publication(long offset, long timeMillis, @Nullable Sender from, String data) {
        this(offset, timeMillis, from, data, OVERHEAD_BYTES + memoryBytes(data));
    }

    private static int memoryBytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > MAX_LATIN_1) {
                return 2 * text.length();
            }
        }
        return text.length();
    }

    /** Returns whether the data is a JSON string, as plain clients want it. */
    public boolean isString() {
        return data.charAt(0) == '"';
    }
}
