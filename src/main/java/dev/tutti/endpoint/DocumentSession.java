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

    private final ByteArrayOutputStream parts = new ByteArrayOutputStream(0);

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
        if (max != 0 && parts.size() + part.length > max) {
            connection = null;
            client.close(CloseCode.TOO_LARGE, "a message has at most " + max + " bytes");
            return;
        }
        parts.writeBytes(part);
        if (last) {
            if (client.spend()) {
                hearing.receive(parts.toByteArray());
            } else {
                client.refuse(Refusal.MESSAGE_RATE);
            }
            parts.reset();
        }
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
