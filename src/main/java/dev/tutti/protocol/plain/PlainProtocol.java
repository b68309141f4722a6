package dev.tutti.protocol.plain;

import dev.tutti.hub.Frame;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomEvent;
import org.jspecify.annotations.Nullable;

/** Encodes a room's events for plain clients: a publication whose data is a string, and nothing else. Immutable. */
public final class PlainProtocol implements Protocol {
    /** The subprotocol of clients that offer a token beside it; others need none. */
    public static final String NAME = "tutti.plain";

    /** The protocol of the clients of {@code /ws}. */
    public static final Protocol INSTANCE = new PlainProtocol("/ws");

    /** The protocol of the clients of {@code /ws/{room}}. */
    public static final Protocol OF_ROOM = new PlainProtocol("/ws/{room}");

    private final String endpoint;

    private PlainProtocol(String endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public @Nullable Frame encode(String room, RoomEvent event) {
        return event instanceof Publication publication && publication.isString()
                ? Frame.text(publication.data())
                : null;
    }

    @Override
    public boolean receivesPresence() {
        return false;
    }
}
