package dev.tutti.protocol.plain;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.RoomName;
import dev.tutti.hub.Subscription;
import dev.tutti.security.ForbiddenException;

/**
 * A plain client in its one room. The protocol has no errors: a client that goes over a limit is closed. Confined to the thread that calls
 * its WebSocket session.
 */
public final class PlainSession {
    private final Client client;
    private final String room;

    private PlainSession(Client client, String room) {
        this.client = client;
        this.room = room;
    }

    /** Joins the room of all clients of {@code /ws}; without the permission, closes the connection. */
    public static PlainSession joinBroadcast(Client client) {
        return join(client, Hub.BROADCAST_ROOM);
    }

    /** Joins a room whose name the peer chose; for a name that no room can have, or without the permission, closes the connection. */
    public static PlainSession joinRoom(Client client, String name) {
        if (RoomName.isValid(name)) {
            return join(client, name);
        }
        client.close(CloseCode.POLICY, RoomName.NO_NAME);
        return new PlainSession(client, name);
    }

    private static PlainSession join(Client client, String room) {
        try {
            client.join(room, null, null, null);
        } catch (LimitException e) {
            client.closeFor(e.breach());
        } catch (ForbiddenException e) {
            client.close(CloseCode.FORBIDDEN, e.reason());
        }
        return new PlainSession(client, room);
    }

    /** Publishes a text, encoded once for all members; a malformed message, or a missing permission, closes the connection. */
    public void receive(Message message) {
        if (message instanceof Message.Malformed malformed) {
            client.close(malformed.code(), malformed.reason());
        } else if (message instanceof Message.Text text) {
            publish(MessageWriter.write(text));
        }
    }

    private void publish(String data) {
        LimitBreach breach = client.countMessage(data.length());
        if (breach != null) {
            client.closeFor(breach);
            return;
        }
        Subscription subscription = client.subscription(room);
        if (subscription != null) { // else the client has ended
            try {
                subscription.publishUnacknowledged(data);
            } catch (LimitException e) {
                client.closeFor(e.breach());
            } catch (ForbiddenException e) {
                client.close(CloseCode.FORBIDDEN, e.reason());
            }
        }
    }
}
