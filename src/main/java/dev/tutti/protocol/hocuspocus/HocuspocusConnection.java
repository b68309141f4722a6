package dev.tutti.protocol.hocuspocus;

import dev.tutti.document.DocumentMember;
import dev.tutti.document.OpenDocuments;
import dev.tutti.hub.Attachment;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.PausableInput;
import dev.tutti.hub.RoomName;
import dev.tutti.protocol.ysync.DocumentConnection;
import dev.tutti.protocol.ysync.YSyncReader;
import dev.tutti.security.Access;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Identity;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.UnavailableException;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A connection of Hocuspocus's provider, which may have many documents open. Each is opened by an authentication message; messages about it
 * that come earlier wait in {@link PendingMessages}. While the rights of the user on a document are found out, the whole connection waits, as
 * {@link PausableInput} describes. {@link #receive} is called by one thread at a time, all else from any.
 */
public final class HocuspocusConnection implements DocumentConnection, Attachment {
    /** The longest key in UTF-16 units: a document's name, a zero and a session id. */
    private static final int MAX_KEY_LENGTH = 256;

    /** A client that authenticates this often without reading is closed. */
    private static final int MAX_UNREAD_REPLIES = 1_000;

    private final HocuspocusConnections connections;
    private final Client client;
    private final boolean readOnly;
    private final OpenDocuments open;
    private final PendingMessages pending;
    private final PausableInput<byte[]> input;
    private final DocumentTokens tokens = new DocumentTokens();
    private final long authenticationDeadlineNanos;

    /** Replies to authentications since the client had last read everything; confined to the reading thread. */
    private int unreadReplies;

    HocuspocusConnection(
            HocuspocusConnections connections, Client client, boolean readOnly, long authenticationDeadlineNanos) {
        this.connections = connections;
        this.client = client;
        this.readOnly = readOnly;
        this.open = new OpenDocuments(client, (key, reason, mayReopen) -> close(key, reason));
        this.pending =
                new PendingMessages(client.usage().quota(), connections.limits().maxUpdateBytes());
        this.input = new PausableInput<>(client, connections.limits().maxUpdateBytes(), new Reader());
        this.authenticationDeadlineNanos = authenticationDeadlineNanos;
    }

    private final class Reader implements PausableInput.Reader<byte[]> {
        @Override
        public @Nullable CompletionStage<?> read(byte[] message) {
            return HocuspocusConnection.this.read(message);
        }

        @Override
        public int bytesOf(byte[] message) {
            return message.length;
        }

        @Override
        public int countsOf(byte[] message) {
            return 0; // the caller has counted it
        }
    }

    @Override
    public void receive(byte[] message) {
        input.receive(message);
    }

    /** Returns null if the message is done; else a stage after which to read it again. */
    private @Nullable CompletionStage<?> read(byte[] message) {
        if (message.length == 1 && message[0] == HocuspocusProtocol.PONG) {
            return null;
        }
        Lib0Reader in = new Lib0Reader(message);
        String key;
        try {
            key = in.readVarString();
            if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) { // replies to an empty one would have no address
                throw new MalformedUpdateException("the name of a document is empty or too long");
            }
        } catch (MalformedUpdateException e) {
            client.close(CloseCode.UNAUTHENTICATED, "this is not a message about a document");
            return null;
        }
        try {
            return read(key, in, message);
        } catch (MalformedUpdateException e) {
            client.close(CloseCode.RESET_CONNECTION, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable CompletionStage<?> read(String key, Lib0Reader in, byte[] message)
            throws MalformedUpdateException {
        DocumentMember member = open.get(key);
        Lib0Reader ahead = new Lib0Reader(message, message.length - in.remaining(), message.length);
        long type = ahead.readVarUint();
        if (type == HocuspocusProtocol.AUTH) {
            return authenticate(key, member, ahead);
        }
        if (type == HocuspocusProtocol.CLOSE) {
            pending.take(key);
            tokens.remove(key);
            open.leave(key);
        } else if (member == null) {
            if (!pending.add(key, message)) {
                client.closeFor(LimitBreach.MEMORY);
            }
        } else if (type != HocuspocusProtocol.STATELESS // for extensions, and there are none
                && !member.isRefused()) {
            receive(member, in);
        }
        return null;
    }

    private static void receive(DocumentMember member, Lib0Reader in) throws MalformedUpdateException {
        int bytes = in.remaining();
        member.receive(YSyncReader.read(in), bytes);
    }

    /**
     * Opens a document if the user of the client or of its token may, or replaces the rights on an open one.
     *
     * @return null if it is done; else a stage after which to read the message again
     */
    private @Nullable CompletionStage<?> authenticate(String key, @Nullable DocumentMember member, Lib0Reader in)
            throws MalformedUpdateException {
        DocumentMember opened = member == null || member.isRefused() ? null : member;
        if (opened != null && !connections.acceptsTokens()) {
            return null;
        }
        String token = HocuspocusProtocol.readToken(in);
        String name = HocuspocusProtocol.documentName(key);
        Access access;
        try {
            access = connections.access(client, token);
        } catch (UnauthenticatedException e) {
            if (opened == null && mayReply()) { // an open one is denied when its earlier token ends
                deny(key, e.reason());
            }
            return null;
        }
        CompletionStage<?> unknown = RoomName.isValid(name) ? access.prepareDocument(name) : null;
        if (unknown != null || !mayReply()) {
            return unknown;
        }
        if (opened == null) {
            open(key, name, access);
        } else {
            renew(key, opened, access);
        }
        return null;
    }

    private void open(String key, String name, Access access) throws MalformedUpdateException {
        if (!RoomName.isValid(name)) {
            deny(key, RoomName.NO_NAME);
            return;
        }
        int max = connections.limits().maxRoomsPerClient();
        if (max != 0 && open.size() >= max) {
            deny(key, "too many documents on one connection");
            return;
        }
        DocumentMember member;
        try {
            client.usage().countFor(access.identity());
            member = connections.documents().open(name, client, access, new HocuspocusProtocol(key), readOnly);
        } catch (ForbiddenException e) {
            deny(key, e.reason());
            return;
        } catch (UnavailableException e) {
            deny(key, e.reason());
            return;
        } catch (LimitException e) {
            client.count(e.breach());
            deny(key, e.breach().reason());
            return;
        }
        connections.endDeadline(this);
        open.add(key, member);
        watch(key, access);
        for (byte[] message : pending.take(key)) {
            Lib0Reader waited = new Lib0Reader(message);
            waited.readVarString();
            receive(member, waited);
        }
    }

    /** Returns whether the client reads its input; closes it if not. */
    private boolean mayReply() {
        unreadReplies = client.isIdle() ? 1 : unreadReplies + 1;
        if (unreadReplies > MAX_UNREAD_REPLIES) {
            client.closeFor(LimitBreach.REPLIES);
            return false;
        }
        return true;
    }

    private void renew(String key, DocumentMember member, Access access) {
        if (open.reauthorize(key, member, access)) {
            watch(key, access);
        }
    }

    /** Watches the end of a document's token; that of the client's own access, the client watches itself. */
    private void watch(String key, Access access) {
        if (access.equals(client.access())) {
            tokens.remove(key);
        } else {
            tokens.put(key, access.identity().expiresAt());
            connections.watchTokens(this);
        }
    }

    boolean hasEnded() {
        return client.hasEnded();
    }

    /** Handles a tick of the clock: asks for tokens that follow those that end soon, and closes documents whose tokens have ended. */
    void tickTokens(long nowMillis) {
        for (String key : tokens.takeExpired(nowMillis)) {
            close(key, "the token has expired");
        }
        for (String key : tokens.takeEnding(nowMillis)) {
            client.reply(List.of(new HocuspocusProtocol(key).tokenRequest()));
        }
    }

    /** Closes a document, and tells the client why, which may authenticate for it again. */
    private void close(String key, String reason) {
        tokens.remove(key);
        open.leave(key);
        client.reply(List.of(new HocuspocusProtocol(key).denied(reason)));
    }

    private void deny(String key, String reason) {
        pending.take(key);
        client.reply(List.of(new HocuspocusProtocol(key).denied(reason)));
    }

    @Override
    public void closedCleanly() {
        open.closedCleanly();
    }

    @Override
    public void clientClosed() {
        connections.forget(this);
        pending.close();
        open.clientClosed();
    }

    @Override
    public @Nullable CompletionStage<?> prepareRights() {
        return open.prepareRights();
    }

    @Override
    public void rightsChanged() {
        open.rightsChanged();
    }

    @Override
    public boolean hasIdentity(Predicate<Identity> who) {
        return open.hasIdentity(who);
    }

    @Override
    public void drained() {
        open.drained();
    }

    /** Closes the client if its time for authentication is over. */
    void expire(long nowNanos) {
        if (nowNanos - authenticationDeadlineNanos >= 0) {
            client.close(CloseCode.AUTHENTICATION_TIMEOUT, "no document was asked for");
        }
    }
}
