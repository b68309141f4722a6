package dev.tutti.hub;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An event in the mailbox of a shard. All shards of a room get all broadcasts in one order, and each the events of its own members. */
sealed interface ShardEvent {

    /** Returns the bytes that this counts while it waits: its data and the objects around it. */
    int waitingBytes();

    /**
     * The reply to a client's request, sent at the request's place in the room's order. Immutable.
     *
     * @param frame makes the frame, on the thread that delivers it
     * @param bytes about its size; the client's outbox has reserved them
     */
    record Reply(Supplier<Frame> frame, int bytes) {}

    /** Concerns one client of the shard. */
    sealed interface Direct extends ShardEvent {
        Client client();

        @Nullable
        Reply reply();

        @Override
        default int waitingBytes() {
            return 0;
        }
    }

    /**
     * A client becomes a member: it receives the reply, then all later broadcasts. Immutable.
     *
     * @param receivesPresence whether the broadcasts include presence events, if the client's protocol does
     */
    record Enter(
            Client client,
            boolean receivesPresence,
            @Nullable Reply reply) implements Direct {}

    /** A client receives a reply. Immutable. */
    record Respond(Client client, Reply reply) implements Direct {}

    /** A client is no longer a member: it receives the reply, and nothing later. Immutable. */
    record Leave(Client client, @Nullable Reply reply) implements Direct {}

    /** A client does not receive the last broadcast before this, which is about itself. Made by the run for that broadcast. Immutable. */
    record Skip(Client client) implements Direct {
        @Override
        public @Nullable Reply reply() {
            return null;
        }
    }

    /** The members have missed publications: each leaves the room, and may join again. Immutable. */
    record Lost() implements ShardEvent {
        @Override
        public int waitingBytes() {
            return 0;
        }
    }

    /** An event for all members, encoded once for each protocol by the first shard that needs it. Safe for any thread. */
    final class Broadcast implements ShardEvent {
        private record Encoded(
                Protocol protocol,
                @Nullable Frame frame,
                @Nullable Encoded next) {}

        private final RoomEvent event;
        /** The one client that does not receive it; null for none. */
        private final @Nullable Client except;

        /** Guarded by this. A list, because there are only a few protocols. */
        private @Nullable Encoded encoded;

        Broadcast(RoomEvent event, @Nullable Client except) {
            this.event = event;
            this.except = except;
        }

        RoomEvent event() {
            return event;
        }

        @Nullable
        Client except() {
            return except;
        }

        /** Returns the frame of this event, null if the protocol has none for it. */
        synchronized @Nullable Frame frame(String room, Protocol protocol) {
            if (protocol instanceof PublicationsOnly only) {
                return event instanceof Publication ? frame(room, only.protocol()) : null;
            }
            for (Encoded e = encoded; e != null; e = e.next) {
                if (e.protocol == protocol) {
                    return e.frame;
                }
            }
            Frame frame = protocol.encode(room, event);
            encoded = new Encoded(protocol, frame, encoded);
            return frame;
        }

        @Override
        public int waitingBytes() {
            return event.bytes();
        }
    }
}
