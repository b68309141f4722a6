package dev.tutti.hub;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What happens in a room; its sections see the same notices in the same order, and each what concerns its own members. */
sealed interface Event {

    /** Returns what this counts while it waits: the size of its data and of the objects around it. */
    int waitingBytes();

    /**
     * What a client asked for, at its place in the room's order. Immutable.
     *
     * @param frame makes it, on the thread that delivers it
     * @param bytes about how long it is; the client's outbox has reserved them
     */
    record Answer(Supplier<Frame> frame, int bytes) {}

    /** Concerns one client of the section. */
    sealed interface ForOne extends Event {
        Client client();

        @Nullable
        Answer answer();

        @Override
        default int waitingBytes() {
            return 0;
        }
    }

    /** A client sits down; it hears the answer, and all that is told from here on. Immutable. */
    record Entered(Client client, @Nullable Answer answer) implements ForOne {}

    /** A client hears an answer. Immutable. */
    record Answered(Client client, Answer answer) implements ForOne {}

    /** A client goes; it hears the answer, and nothing of this room any more. Immutable. */
    record Left(Client client, @Nullable Answer answer) implements ForOne {}

    /** All are told something. Encoded once for each protocol, by the first section that needs it. Safe for any thread. */
    final class Told implements Event {
        private record Encoded(
                Protocol protocol,
                @Nullable Frame frame,
                @Nullable Encoded next) {}

        private final Notice notice;

        /** Guarded by this. There are a few protocols at the most. */
        private @Nullable Encoded encoded;

        Told(Notice notice) {
            this.notice = notice;
        }

        Notice notice() {
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
