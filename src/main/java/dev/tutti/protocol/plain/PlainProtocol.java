package dev.tutti.protocol.plain;

import dev.tutti.hub.Frame;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomEvent;
import org.jspecify.annotations.Nullable;

/** Encodes a room's events for plain clients: a publication whose data is a string, and nothing else. Stateless. */
public final class PlainProtocol implements Protocol {
    /** The protocol of every plain client. */
    public static final Protocol INSTANCE = new PlainProtocol();

    private PlainProtocol() {}

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
