package dev.tutti.protocol.ywebsocket;

import dev.tutti.document.DocumentMember;
import dev.tutti.document.Documents;
import dev.tutti.document.OpenDocuments;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.PausableInput;
import dev.tutti.protocol.ysync.DocumentConnection;
import dev.tutti.protocol.ysync.YSyncReader;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.UnavailableException;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A connection of y-websocket's provider, which has one document open from its beginning to its end. Safe for any thread. */
public final class YWebsocketConnection implements DocumentConnection {
    private final Documents documents;
    private final String name;
    private final Client client;
    private final boolean readOnly;
    private final long copied;
    private final OpenDocuments open;
    private final PausableInput<byte[]> input;
    /** Null until the document is open. */
    private volatile @Nullable DocumentMember member;

    private YWebsocketConnection(Documents documents, String name, Client client, boolean readOnly, long copied) {
        this.documents = documents;
        this.name = name;
        this.client = client;
        this.readOnly = readOnly;
        this.copied = copied;
        this.open = new OpenDocuments(client, (key, reason, mayReopen) -> lose(reason, mayReopen));
        this.input = new PausableInput<>(client, documents.limits().maxUpdateBytes(), new Reader());
    }

    private final class Reader implements PausableInput.Reader<byte[]> {
        @Override
        public @Nullable CompletionStage<?> read(byte[] message) {
            YWebsocketConnection.this.read(message);
            return null;
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

    /**
     * Opens a document for a client. The client receives its first frame once the document is loaded. A client that may not open it receives
     * the reason, and is closed; that may happen later, if its rights are not known yet.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param readOnly whether the client asks for a document that ignores its updates
     * @param copied the incarnation of the client's copy, which is refused if the document has another one; {@link DocumentMember#NO_COPY} for none
     * @return null if the client is being closed
     */
    public static @Nullable YWebsocketConnection open(
            Documents documents, String name, Client client, boolean readOnly, long copied) {
        YWebsocketConnection connection = new YWebsocketConnection(documents, name, client, readOnly, copied);
        client.attach(connection.open);
        connection.input.open(connection::openDocument);
        return client.hasEnded() ? null : connection;
    }

    /** Returns null if it is done; else a stage after which to call it again. */
    private @Nullable CompletionStage<?> openDocument() {
        CompletionStage<?> unknown = client.access().prepareDocument(name);
        if (unknown != null) {
            return unknown;
        }
        if (client.hasEnded()) {
            return null;
        }
        try {
            DocumentMember opened = documents.open(name, client, YWebsocketProtocol.INSTANCE, readOnly, copied);
            open.add(name, opened);
            member = opened;
        } catch (ForbiddenException e) {
            deny(e.reason());
        } catch (UnavailableException e) {
            client.close(CloseCode.TRY_LATER, e.reason());
        } catch (LimitException e) {
            client.closeFor(e.breach());
        }
        return null;
    }

    private void lose(String reason, boolean mayReopen) {
        if (mayReopen) {
            client.close(CloseCode.GOING_AWAY, reason);
        } else {
            deny(reason);
        }
    }

    private void deny(String reason) {
        client.reply(List.of(YWebsocketProtocol.INSTANCE.permissionDenied(reason)));
        client.close(CloseCode.FORBIDDEN, reason);
    }

    @Override
    public void receive(byte[] message) {
        input.receive(message);
    }

    private void read(byte[] message) {
        DocumentMember opened = member;
        if (opened == null) {
            return; // the client has ended
        }
        try {
            opened.receive(YSyncReader.read(new Lib0Reader(message)), message.length);
        } catch (MalformedUpdateException e) {
            client.close(YWebsocketProtocol.INSTANCE.malformed(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void closedCleanly() {
        DocumentMember opened = member;
        if (opened != null) {
            opened.closedCleanly();
        }
    }
}
