package dev.tutti.cluster;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages that wait until a log has read the messages before them: up to {@link #MAX_BYTES}, else none. Guarded by its log's room. */
final class HeldMessages {
    /** More takes longer to arrive than a read. */
    private static final int MAX_BYTES = 256 << 10;

    private List<RoomMessage> messages = new ArrayList<>(0);
    private long bytes;
    private boolean hasDropped;

    void add(RoomMessage message) {
        bytes += message.bytes();
        if (hasDropped || bytes > MAX_BYTES) {
            hasDropped = true;
            messages.clear();
        } else {
            messages.add(message);
        }
    }

    /** Returns and removes all; null if there were too many, so that the log must read again. */
    @Nullable
    List<RoomMessage> takeAll() {
        List<RoomMessage> all = hasDropped ? null : messages;
        clear();
        return all;
    }

    void clear() {
        messages = new ArrayList<>(0);
        bytes = 0;
        hasDropped = false;
    }
}
