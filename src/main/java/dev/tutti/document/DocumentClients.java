package dev.tutti.document;

import dev.tutti.hub.Frame;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.RoomEvent;
import org.jspecify.annotations.Nullable;

/** The protocol of clients that have documents open: they join no rooms, and a slow one catches up and is not closed. Immutable. */
public record DocumentClients(String name, String endpoint) implements Protocol {
    /** The clients of {@code /yjs/{document}}. */
    public static final Protocol Y_WEBSOCKET = new DocumentClients("y-websocket", "/yjs/{document}");

    /** The clients of {@code /hocuspocus}. */
    public static final Protocol HOCUSPOCUS = new DocumentClients("hocuspocus", "/hocuspocus");

    @Override
    public @Nullable Frame encode(String room, RoomEvent event) {
        return null;
    }

    @Override
    public boolean receivesPresence() {
        return false;
    }

    @Override
    public boolean supportsCatchUp() {
        return true;
    }
}
