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
 * A session of a document protocol: joins the parts of a message. It takes parts, because a container that delivers whole messages holds a
 * buffer of the largest size for each session. Confined to the thread that calls the session.
 */
final class DocumentSession {
    /** The close codes of a client that closes on purpose; with any other, the connection broke. */
    private static final Set<Integer> CLEAN_CLOSES = Set.of(
            CloseCodes.NORMAL_CLOSURE.getCode(), CloseCodes.NO_STATUS_CODE.getCode(), CloseCodes.GOING_AWAY.getCode());

    private final Client client;
    /** Bytes of one message; 0 for no limit. */
    private final int maxBytes;
    /** Null once the client has been closed: later messages are ignored. */
    private @Nullable DocumentConnection connection;

    /** The parts of an unfinished message; the client's quota of input counts them. */
    private List<byte[]> parts = new ArrayList<>(0);

    private int partsBytes;

    /** @param connection null if the client has just been closed */
    DocumentSession(Client client, @Nullable DocumentConnection connection) {
        this.client = client;
        this.maxBytes = SessionRegistry.limits().maxUpdateBytes();
        this.connection = connection;
    }

    /** Returns whether the client asks for a read-only document, by the query {@code access=read}. */
    static boolean asksReadOnly(Session session) {
        return session.getRequestParameterMap()
                .getOrDefault("access", List.of())
                .contains("read");
    }

    /** Receives a part of a message; the last one completes it. */
    void receive(byte[] part, boolean last) {
        DocumentConnection receiver = connection;
        if (receiver == null) {
            return;
        }
        if (maxBytes != 0 && part.length + partsBytes > maxBytes) {
            ignoreRest();
            client.close(CloseCode.TOO_LARGE, "a message has at most " + maxBytes + " bytes");
            return;
        }
        if (!last) {
            keep(part);
            return;
        }
        byte[] message = joined(part);
        if (client.tryAcquirePermit()) {
            receiver.receive(message);
        } else {
            client.closeFor(LimitBreach.MESSAGE_RATE);
        }
    }

    /** Keeps a part until the message is complete; without memory for it, closes the client. */
    private void keep(byte[] part) {
        if (client.quota().tryReserve(Share.INPUT, part.length)) {
            parts.add(part);
            partsBytes += part.length;
        } else {
            ignoreRest();
            client.closeFor(LimitBreach.MEMORY);
        }
    }

    /** Returns the whole message, given its last part. */
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

    /** Ignores everything from here on. */
    private void ignoreRest() {
        connection = null;
        dropParts();
    }

    private void dropParts() {
        client.quota().release(Share.INPUT, partsBytes);
        parts = new ArrayList<>(0);
        partsBytes = 0;
    }

    /** Closes the connection: text messages are none of these protocols. */
    void receiveText() {
        client.close(CloseCode.NOT_ACCEPTABLE, "binary messages are expected here, not text");
    }

    /** Records that the peer is alive. */
    void pong() {
        client.recordActivity();
    }

    /** Unregisters the session. */
    void close(Session session, CloseReason reason) {
        if (connection != null && CLEAN_CLOSES.contains(reason.getCloseCode().getCode())) {
            connection.closedCleanly();
        }
        dropParts();
        SessionRegistry.close(session);
    }
}
