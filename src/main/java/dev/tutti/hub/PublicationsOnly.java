package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * The protocol of a client in a room where it has no right to presence: the publications of its own protocol, and no other event. Immutable;
 * equal for equal protocols, so that a shard keeps such clients together.
 *
 * @param protocol of the client; its frames are shared with the clients that have the right
 */
record PublicationsOnly(Protocol protocol) implements Protocol {
    @Override
    public String name() {
        return protocol.name();
    }

    @Override
    public String endpoint() {
        return protocol.endpoint();
    }

    @Override
    public @Nullable Frame encode(String room, RoomEvent event) {
        return event instanceof Publication ? protocol.encode(room, event) : null;
    }

    @Override
    public boolean receivesPresence() {
        return false;
    }

    @Override
    public boolean supportsCatchUp() {
        return protocol.supportsCatchUp();
    }
}
