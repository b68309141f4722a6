package dev.tutti.endpoint;

import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.protocol.ysync.DocumentConnection;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.util.ArrayList;
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
    /** Bytes of one message; 0 for no limit. */
    private final int maxBytes;
    /** Null once nothing is heard of it any more. */
    private @Nullable DocumentConnection connection;

    /** What has come of a message that is not complete, counted in the client's input quota. */
    private List<byte[]> parts = new ArrayList<>(0);

    private int partsBytes;

    /** @param connection null if the client has just been closed */
    DocumentSession(Client client, @Nullable DocumentConnection connection) {
        this.client = client;
        this.maxBytes = SessionRegistry.limits().maxUpdateBytes();
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
        if (maxBytes != 0 && part.length + partsBytes > maxBytes) {
            forget();
            client.close(CloseCode.TOO_LARGE, "a message has at most " + maxBytes + " bytes");
            return;
        }
        if (!last) {
            keep(part);
            return;
        }
        byte[] message = joined(part);
        if (client.tryAcquirePermit()) {
            hearing.receive(message);
        } else {
            client.closeFor(LimitBreach.MESSAGE_RATE);
        }
    }

    /** Keeps a part until the message is complete, if there is memory for it. */
    private void keep(byte[] part) {
        if (client.quota().tryReserve(Share.INPUT, part.length)) {
            parts.add(part);
            partsBytes += part.length;
        } else {
            forget();
            client.closeFor(LimitBreach.MEMORY);
        }
    }

    /** Returns the whole message, whose last part has come. */
    private byte[] joined(byte[] last) {
        if (parts.isEmpty()) {
            return last;
        }
        byte[] message = new byte[partsBytes + last.length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, message, at, part.length);
            at += part.length;
        }
        System.arraycopy(last, 0, message, at, last.length);
        dropParts();
        return message;
    }

    /** Hears nothing any more. */
    private void forget() {
        connection = null;
        dropParts();
    }

    private void dropParts() {
        client.quota().release(Share.INPUT, partsBytes);
        parts = new ArrayList<>(0);
        partsBytes = 0;
    }

    /** Refuses a text message. */
    void refuseText() {
        client.close(CloseCode.NOT_ACCEPTABLE, "binary messages are expected here, not text");
    }

    /** Hears that the peer is alive. */
    void pong() {
        client.recordActivity();
    }

    /** Forgets the session. */
    void close(Session session, CloseReason reason) {
        if (connection != null && GOODBYES.contains(reason.getCloseCode().getCode())) {
            connection.closedCleanly();
        }
        dropParts();
        SessionRegistry.close(session);
    }
}
