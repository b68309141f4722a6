package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/** What happens in a room; all its sections see the same events in the same order. */
sealed interface Event {

    /** Returns what this counts while it waits: the size of its data and of the objects around it. */
    int waitingBytes();

    /** A client sits down; it hears all that is published from here on. Immutable. */
    record Entered(Client client) implements Event {
        @Override
        public int waitingBytes() {
            return 0;
        }
    }

    /** A client is gone; it hears no more. Immutable. */
    record Left(Client client) implements Event {
        @Override
        public int waitingBytes() {
            return 0;
        }
    }

    /** A client says something. Encoded once for each protocol, by the first section that needs it. Safe for any thread. */
    final class Published implements Event {
        private static final int OVERHEAD_BYTES = 64;

        private record Encoded(
                Protocol protocol, Frame frame, @Nullable Encoded next) {}

        private final Publication publication;

        /** Guarded by this. There are a few protocols at the most. */
        private @Nullable Encoded encoded;

        Published(Publication publication) {
            this.publication = publication;
        }

        /** Returns the frame that says this. */
        synchronized Frame frame(Protocol protocol) {
            for (Encoded e = encoded; e != null; e = e.next) {
                if (e.protocol == protocol) {
                    return e.frame;
                }
            }
            Frame frame = protocol.encode(publication);
            encoded = new Encoded(protocol, frame, encoded);
            return frame;
        }

        @Override
        public int waitingBytes() {
            return publication.data().length() + OVERHEAD_BYTES;
        }
    }
}
