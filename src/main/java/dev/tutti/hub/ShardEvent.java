package dev.tutti.hub;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What happens in a room; its shards see the same notices in the same order, and each what concerns its own members. */
sealed interface ShardEvent {

    /** Returns what this counts while it waits: the size of its data and of the objects around it. */
    int waitingBytes();

    /**
     * What a client asked for, at its place in the room's order. Immutable.
     *
     * @param frame makes it, on the thread that delivers it
     * @param bytes about how long it is; the client's outbox has reserved them
     */
    record Reply(Supplier<Frame> frame, int bytes) {}

    /** Concerns one client of the shard. */
    sealed interface Direct extends ShardEvent {
        Client client();

        @Nullable
        Reply answer();

        @Override
        default int waitingBytes() {
            return 0;
        }
    }

    /** A client sits down; it hears the answer, and all that is told from here on. Immutable. */
    record Enter(Client client, @Nullable Reply answer) implements Direct {}

    /** A client hears an answer. Immutable. */
    record Respond(Client client, Reply answer) implements Direct {}

    /** A client goes; it hears the answer, and nothing of this room any more. Immutable. */
    record Leave(Client client, @Nullable Reply answer) implements Direct {}

    /** All are told something. Encoded once for each protocol, by the first shard that needs it. Safe for any thread. */
    final class Broadcast implements ShardEvent {
        private record Encoded(
                Protocol protocol,
                @Nullable Frame frame,
                @Nullable Encoded next) {}

        private final RoomEvent notice;

        /** Guarded by this. There are a few protocols at the most. */
        private @Nullable Encoded encoded;

        Broadcast(RoomEvent notice) {
            this.notice = notice;
        }

        RoomEvent notice() {
            return notice;
        }

        /** Returns the frame that says this, null if such clients are not told. */
        synchronized @Nullable Frame frame(String room, Protocol protocol) {
            for (Encoded e = encoded; e != null; e = e.next) {
                if (e.protocol == protocol) {
                    return e.frame;
                }
            }
            Frame frame = protocol.encode(room, notice);
            encoded = new Encoded(protocol, frame, encoded);
            return frame;
        }

        @Override
        public int waitingBytes() {
            return notice.bytes();
        }
    }
}
