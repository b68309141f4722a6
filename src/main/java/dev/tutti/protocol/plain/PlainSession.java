package dev.tutti.protocol.plain;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.RoomName;

/** A plain client in its one room. Confined to the thread that calls its WebSocket session. */
public final class PlainSession {
    private final Client client;
    private final String room;

    private PlainSession(Client client, String room) {
        this.client = client;
        this.room = room;
    }

    /** Joins the room of all clients of {@code /ws}. */
    public static PlainSession joinBroadcast(Client client) {
        return join(client, Hub.BROADCAST_ROOM);
    }

    /** Joins a room whose name the peer chose; a name that no room can have closes the connection. */
    public static PlainSession joinRoom(Client client, String name) {
        if (RoomName.isValid(name)) {
            return join(client, name);
        }
        client.close(CloseCode.POLICY, RoomName.NO_NAME);
        return new PlainSession(client, name);
    }

    private static PlainSession join(Client client, String room) {
        client.join(room);
        return new PlainSession(client, room);
    }

    /** Publishes a text, encoded once for all members; a malformed message closes the connection. */
    public void receive(Message message) {
        if (message instanceof Message.Text text) {
            client.publish(room, MessageWriter.write(text));
        } else if (message instanceof Message.Malformed malformed) {
            client.close(malformed.code(), malformed.reason());
        }
    }
}
