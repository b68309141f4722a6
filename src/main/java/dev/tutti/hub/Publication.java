package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * A message that was published in a room. Immutable.
 *
 * @param offset of its {@link Position}
 * @param timeMillis when it was published, in milliseconds since 1970
 * @param from the publisher; null for the application
 * @param data the message as JSON text, in one line of well-formed Unicode
 * @param bytes of memory while it waits or is retained: its data and the objects around it
 */
public record Publication(
        long offset, long timeMillis, @Nullable Sender from, String data, int bytes) implements RoomEvent {
    /** Bytes of the objects around the data, in memory and about on the wire. */
    static final int OVERHEAD_BYTES = 128;

    private static final int MAX_LATIN_1 = 0xFF;

    /** As above, with {@code bytes} counted. */
    public Publication(long offset, long timeMillis, @Nullable Sender from, String data) {
        this(offset, timeMillis, from, data, memoryBytes(data));
    }

    /** Returns {@link #bytes} for some data: a string takes one byte a character if all are in Latin-1, else two. */
    static int memoryBytes(String data) {
        for (int i = 0; i < data.length(); i++) {
            if (data.charAt(i) > MAX_LATIN_1) {
                return OVERHEAD_BYTES + 2 * data.length();
            }
        }
        return OVERHEAD_BYTES + data.length();
    }

    /** Returns whether the data is a JSON string; the plain protocol carries nothing else. */
    public boolean isString() {
        return data.charAt(0) == '"';
    }
}
