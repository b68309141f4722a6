package dev.tutti.document;

import dev.tutti.hub.Attachment;
import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.RoomName;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A connection of Hocuspocus's provider, which may have many documents open. What it says of one before it has authenticated for it waits,
 * within limits, and a connection that authenticates for none is closed after a while. {@link #receive} is called by one thread at a time,
 * all else from any.
 */
public final class HocuspocusConnection implements DocumentConnection, Attachment {
    /** The longest name, a zero and the id of a session. */
    private static final int MAX_KEY_LENGTH = 256;

    private static final int MAX_WAITING_MESSAGES = 1_000;
    private static final int MAX_WAITING_DOCUMENTS = 100;

    /** A client that opens documents again and again without reading is closed. */
    private static final int MAX_UNREAD_REPLIES = 1_000;

    private final Documents documents;
    private final Client client;
    private final boolean readOnly;
    private final OpenDocuments open;
    /** When it must have authenticated. */
    private final long deadlineNanos;

    // Confined to who calls receive.
    /** What was said of documents before authentication. */
    private final Map<String, List<byte[]>> waiting = new HashMap<>(2);

    private int waitingMessages;
    private long waitingBytes;
    /** Authentications that were answered since the client had read all. */
    private int unreadReplies;

    /** What of {@link #waitingBytes} is reserved; guarded by this. */
    private long reservedBytes;

    private boolean isGone;

    HocuspocusConnection(Documents documents, Client client, boolean readOnly, long deadlineNanos) {
        this.documents = documents;
        this.client = client;
        this.readOnly = readOnly;
        this.open = new OpenDocuments(client);
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void receive(byte[] frame) {
        if (frame.length == 1 && frame[0] == HocuspocusWire.PONG) {
            return;
        }
        Lib0Reader in = new Lib0Reader(frame);
        String key;
        try {
            key = in.readVarString();
            if (key.length() > MAX_KEY_LENGTH) {
                throw new MalformedUpdateException("the name of a document is too long");
            }
        } catch (MalformedUpdateException e) {
            client.close(CloseCode.UNAUTHENTICATED, "this is not a message about a document");
            return;
        }
        try {
            receive(key, in, frame);
        } catch (MalformedUpdateException e) {
            client.close(CloseCode.RESET_CONNECTION, String.valueOf(e.getMessage()));
        }
    }

    private void receive(String key, Lib0Reader in, byte[] frame) throws MalformedUpdateException {
        Participant participant = open.get(key);
        Lib0Reader ahead = new Lib0Reader(frame, frame.length - in.remaining(), frame.length);
        long kind = ahead.readVarUint();
        if (kind == HocuspocusWire.AUTH) {
            if (participant == null || participant.isTurnedAway()) {
                authenticate(key, ahead);
            }
        } else if (kind == HocuspocusWire.CLOSE) {
            forgetWaiting(key);
            open.leave(key);
        } else if (participant == null) {
            await(key, frame);
        } else if (kind != HocuspocusWire.STATELESS
                && !participant.isTurnedAway()) { // which is for extensions, of which there are none
            participant.receive(in);
        }
    }

    /** Whoever may connect may have any document, whatever its token. */
    private void authenticate(String key, Lib0Reader in) throws MalformedUpdateException {
        unreadReplies = client.isIdle() ? 1 : unreadReplies + 1;
        if (unreadReplies > MAX_UNREAD_REPLIES) {
            client.closeFor(LimitBreach.ANSWERS);
            return;
        }
        if (in.readVarUint() != HocuspocusWire.TOKEN) {
            throw new MalformedUpdateException("not an authentication that a client may send");
        }
        in.readVarString();
        HocuspocusWire wire = new HocuspocusWire(key);
        int zero = key.indexOf(0);
        String name = zero < 0 ? key : key.substring(0, zero);
        if (!RoomName.isValid(name)) {
            forgetWaiting(key);
            client.answer(List.of(wire.denied(RoomName.NO_NAME)));
            return;
        }
        int max = documents.limits().maxRoomsPerClient();
        if (max != 0 && open.size() >= max) {
            forgetWaiting(key);
            client.answer(List.of(wire.denied("too many documents on one connection")));
            return;
        }
        documents.authenticated(this);
        client.answer(List.of(wire.authenticated(readOnly)));
        Participant participant = documents.open(name, client, wire, readOnly);
        open.add(key, participant);
        for (byte[] frame : forgetWaiting(key)) {
            Lib0Reader waited = new Lib0Reader(frame);
            waited.readVarString();
            participant.receive(waited);
        }
    }

    private void await(String key, byte[] frame) throws MalformedUpdateException {
        int max = documents.limits().maxUpdateBytes();
        if (waitingMessages == MAX_WAITING_MESSAGES
                || (max != 0 && waitingBytes + frame.length > max)
                || (waiting.size() == MAX_WAITING_DOCUMENTS && !waiting.containsKey(key))) {
            throw new MalformedUpdateException("too much before authentication");
        }
        if (!reserve(frame.length)) {
            client.closeFor(LimitBreach.MEMORY);
            return;
        }
        waitingMessages++;
        waitingBytes += frame.length;
        waiting.computeIfAbsent(key, name -> new ArrayList<>(2)).add(frame);
    }

    private List<byte[]> forgetWaiting(String key) {
        List<byte[]> frames = waiting.remove(key);
        if (frames == null) {
            return List.of();
        }
        waitingMessages -= frames.size();
        long bytes = frames.stream().mapToLong(frame -> frame.length).sum();
        waitingBytes -= bytes;
        release(bytes);
        return frames;
    }

    private synchronized boolean reserve(long bytes) {
        if (isGone || !client.quota().tryReserve(Share.INPUT, bytes)) {
            return false;
        }
        reservedBytes += bytes;
        return true;
    }

    private synchronized void release(long bytes) {
        long released = Math.min(bytes, reservedBytes); // less once the client is gone
        reservedBytes -= released;
        client.quota().release(Share.INPUT, released);
    }

    @Override
    public void sayGoodbye() {
        open.sayGoodbye();
    }

    @Override
    public void gone() {
        documents.authenticated(this); // it need not any more
        synchronized (this) {
            isGone = true;
            release(reservedBytes);
        }
        open.gone();
    }

    @Override
    public void drained() {
        open.drained();
    }

    /** Closes a connection that should have authenticated by now. */
    void expire(long nowNanos) {
        if (nowNanos - deadlineNanos >= 0) {
            client.close(CloseCode.AUTHENTICATION_TIMEOUT, "no document was asked for");
        }
    }
}
