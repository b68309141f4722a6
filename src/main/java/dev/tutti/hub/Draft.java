package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * A publication that has no offset yet. Immutable.
 *
 * @param timeMillis when it was sent, in milliseconds since 1970
 * @param from the publisher; null for the application
 * @param data the message as JSON text, in one line of well-formed Unicode
 * @param bytes as {@link Publication#bytes}
 * @param key identifies the publication in its room: of two with the same key one is appended; null for none
 * @param wantsPosition whether the publisher waits for the position
 */
public record Draft(
        long timeMillis,
        @Nullable Sender from,
        String data,
        int bytes,
        @Nullable String key,
        boolean wantsPosition) {

    /** As above, with {@code bytes} counted. */
    public Draft(long timeMillis, @Nullable Sender from, String data, @Nullable String key, boolean wantsPosition) {
        this(timeMillis, from, data, Publication.memoryBytes(data), key, wantsPosition);
    }

    /** Returns the publication with the offset that a log gave to it. */
    public Publication at(long offset) {
        return new Publication(offset, timeMillis, from, data, bytes);
    }
}
