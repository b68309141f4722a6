package dev.tutti.protocol.plain;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.PausableInput;
import dev.tutti.hub.RoomName;
import dev.tutti.hub.Subscription;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.UnavailableException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A plain client in its one room. The protocol has no errors: a client that goes over a limit is closed. Confined to the thread that calls
 * its WebSocket session.
 */
public final class PlainSession {
    /** UTF-16 units of the messages that wait for the rights of the user. */
    private static final int MAX_WAITING = 1 << 20;

    private final Client client;
    private final String room;
    private final PausableInput<Message> input;

    private PlainSession(Client client, String room) {
        this.client = client;
        this.room = room;
        this.input = new PausableInput<>(client, MAX_WAITING, new Reader());
    }

    private final class Reader implements PausableInput.Reader<Message> {
        @Override
        public @Nullable CompletionStage<?> read(Message message) {
            PlainSession.this.read(message);
            return null;
        }

        @Override
        public int bytesOf(Message message) {
            return message instanceof Message.Text text ? text.text().length() : 0;
        }

        @Override
        public int countsOf(Message message) {
            return 1;
        }
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
        PlainSession session = new PlainSession(client, room);
        session.input.open(session::join);
        return session;
    }

    /** Returns null if it is done; else a stage after which to call it again. */
    private @Nullable CompletionStage<?> join() {
        try {
            CompletionStage<?> unprepared = client.memberships().prepareJoin(room, null);
            if (unprepared != null) {
                return unprepared;
            }
            client.memberships().join(room, null, null, null);
        } catch (LimitException e) {
            client.closeFor(e.breach());
        } catch (ForbiddenException e) {
            client.close(CloseCode.FORBIDDEN, e.reason());
        } catch (UnavailableException e) {
            client.close(CloseCode.TRY_LATER, e.reason());
        }
        return null;
    }

    /** Publishes a text, encoded once for all members; a malformed message, or a missing permission, closes the connection. */
    public void receive(Message message) {
        input.receive(message);
    }

    private void read(Message message) {
        if (message instanceof Message.Malformed malformed) {
            client.close(malformed.code(), malformed.reason());
        } else if (message instanceof Message.Text text) {
            publish(MessageWriter.write(text));
        }
    }

    private void publish(String data) {
        LimitBreach breach = input.countMessage(data.length());
        if (breach != null) {
            client.closeFor(breach);
            return;
        }
        Subscription subscription = client.memberships().get(room);
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
