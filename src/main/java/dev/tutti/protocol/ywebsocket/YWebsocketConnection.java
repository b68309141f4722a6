package dev.tutti.protocol.ywebsocket;

import dev.tutti.document.DocumentMember;
import dev.tutti.document.Documents;
import dev.tutti.document.OpenDocuments;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitException;
import dev.tutti.protocol.ysync.DocumentConnection;
import dev.tutti.protocol.ysync.YSyncReader;
import dev.tutti.security.ForbiddenException;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection of y-websocket's provider, which has one document open from its beginning to its end. Safe for any thread. */
public final class YWebsocketConnection implements DocumentConnection {
    private final Client client;
    private final DocumentMember member;

    private YWebsocketConnection(Client client, DocumentMember member) {
        this.client = client;
        this.member = member;
    }

    /**
     * Opens a document for a client. The client receives its first frame once the document is loaded. A client that may not open it receives
     * the reason, and is closed.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param readOnly whether the client asks for a document that ignores its updates
     * @return null if the client is being closed
     */
    public static @Nullable YWebsocketConnection open(
            Documents documents, String name, Client client, boolean readOnly) {
        OpenDocuments open = new OpenDocuments(client, (key, reason, mayReopen) -> {
            if (mayReopen) {
                client.close(CloseCode.GOING_AWAY, reason);
            } else {
                deny(client, reason);
            }
        });
        client.attach(open);
        try {
            DocumentMember member = documents.open(name, client, YWebsocketProtocol.INSTANCE, readOnly);
            open.add(name, member);
            return new YWebsocketConnection(client, member);
        } catch (ForbiddenException e) {
            deny(client, e.reason());
            return null;
        } catch (LimitException e) {
            client.closeFor(e.breach());
            return null;
        }
    }

    private static void deny(Client client, String reason) {
        client.reply(List.of(YWebsocketProtocol.INSTANCE.permissionDenied(reason)));
        client.close(CloseCode.FORBIDDEN, reason);
    }

    @Override
    public void receive(byte[] message) {
        try {
            member.receive(YSyncReader.read(new Lib0Reader(message)), message.length);
        } catch (MalformedUpdateException e) {
            client.close(YWebsocketProtocol.INSTANCE.malformed(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void closedCleanly() {
        member.closedCleanly();
    }
}
