package dev.tutti.endpoint;

import dev.tutti.document.DocumentConnection;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Refusal;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session that is about documents. Its messages come in parts, so that no container holds a buffer as large as the largest for each
 * session. Confined to the session's thread.
 */
final class DocumentSession {
    /** How a client closes its connection that means to: the others are broken. */
    private static final Set<Integer> GOODBYES = Set.of(
            CloseCodes.NORMAL_CLOSURE.getCode(), CloseCodes.NO_STATUS_CODE.getCode(), CloseCodes.GOING_AWAY.getCode());

    private final Client client;
    /** Null once nothing is heard of it any more. */
    private @Nullable DocumentConnection connection;

    /** What has come of a message that is not complete; null between messages, so that a large one leaves nothing behind. */
    private @Nullable ByteArrayOutputStream parts;

    /** @param connection null if the client has just been closed */
    DocumentSession(Client client, @Nullable DocumentConnection connection) {
        this.client = client;
        this.connection = connection;
    }

    /** Returns whether a client wants to read only: its query says {@code access=read}. */
    static boolean isReadOnly(Session session) {
        return session.getRequestParameterMap()
                .getOrDefault("access", List.of())
                .contains("read");
    }

    /** Takes a part of a message. */
    void hear(byte[] part, boolean last) {
        DocumentConnection hearing = connection;
        if (hearing == null) {
            return;
        }
        int max = SessionRegistry.hub().limits().maxUpdateBytes();
        if (max != 0 && part.length + (parts == null ? 0 : parts.size()) > max) {
            connection = null;
            parts = null;
            client.close(CloseCode.TOO_LARGE, "a message has at most " + max + " bytes");
            return;
        }
        byte[] message = joined(part, last);
        if (message == null) {
            return;
        }
        if (client.spend()) {
            hearing.receive(message);
        } else {
            client.refuse(Refusal.MESSAGE_RATE);
        }
    }

    /** Returns the whole message if this is its last part, else null. */
    private byte @Nullable [] joined(byte[] part, boolean last) {
        ByteArrayOutputStream before = parts;
        if (before == null) {
            if (last) {
                return part;
            }
            before = new ByteArrayOutputStream(2 * part.length);
            parts = before;
        }
        before.writeBytes(part);
        if (!last) {
            return null;
        }
        parts = null;
        return before.toByteArray();
    }

    /** Refuses a text message. */
    void refuseText() {
        client.close(CloseCode.NOT_ACCEPTABLE, "binary messages are expected here, not text");
    }

    /** Hears that the peer is alive. */
    void pong() {
        client.heard();
    }

    /** Forgets the session. */
    void close(Session session, CloseReason reason) {
        if (connection != null && GOODBYES.contains(reason.getCloseCode().getCode())) {
            connection.sayGoodbye();
        }
        SessionRegistry.close(session);
    }
}
