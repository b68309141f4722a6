package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.document.Participant;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Refusal;
import dev.tutti.hub.RoomName;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Yjs editors connect here with y-websocket's provider, each document on a connection of its own. A container makes one for each
 * session and calls it from one thread at a time.
 */
@ServerEndpoint(value = "/yjs/{document}", configurator = RemoteAddress.class)
public class DocumentEndpoint {
    @SuppressWarnings("NullAway.Init") // a session opens before anything else happens to it
    private Client client;

    private @Nullable Participant participant;
    /** Messages come in parts, so that no container holds a buffer as large as the largest for each session. */
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream(0);

    /** Registers the session and opens the document. */
    @OnOpen
    public void open(Session session) {
        String name = LastSegment.of(session.getRequestURI());
        client = SessionRegistry.open(session, Documents.PROTOCOL);
        if (RoomName.isValid(name)) {
            participant = SessionRegistry.documents().open(name, client, false);
        } else {
            client.close(CloseCode.POLICY, RoomName.NO_NAME);
        }
    }

    /** Takes a message, which may come in parts. */
    @OnMessage
    public void message(byte[] part, boolean last) {
        int max = SessionRegistry.hub().limits().maxUpdateBytes();
        if (participant == null) {
            return;
        }
        if (max != 0 && parts.size() + part.length > max) {
            participant = null;
            client.close(CloseCode.TOO_LARGE, "a message has at most " + max + " bytes");
            return;
        }
        parts.writeBytes(part);
        if (last) {
            if (client.spend()) {
                participant.receive(parts.toByteArray());
            } else {
                client.refuse(Refusal.MESSAGE_RATE);
            }
            parts.reset();
        }
    }

    /** Refuses a text message. */
    @OnMessage
    public void message(String part, boolean last) {
        client.close(CloseCode.NOT_ACCEPTABLE, "binary messages are expected here, not text");
    }

    /** Hears that the peer is alive. */
    @OnMessage
    public void pong(PongMessage pong) {
        client.heard();
    }

    /** Forgets the session. */
    @OnClose
    public void close(Session session, CloseReason reason) {
        int code = reason.getCloseCode().getCode();
        if (participant != null
                && (code == CloseCodes.NORMAL_CLOSURE.getCode()
                        || code == CloseCodes.NO_STATUS_CODE.getCode()
                        || code == CloseCodes.GOING_AWAY.getCode())) {
            participant.sayGoodbye();
        }
        SessionRegistry.close(session);
    }

    /** Closes the session if it sent what it must not, or if we failed; forgives a peer that went away. */
    @OnError
    public void error(Session session, Throwable error) {
        Failures.handle(session, error);
    }
}
