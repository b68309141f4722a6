package dev.tutti.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.DocumentMember;
import dev.tutti.document.Documents;
import dev.tutti.hub.Client;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Hub;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client that edits one document with y-websocket, through crashes and cuts. Confined to the world's thread. */
final class Editor {
    private static final int SYNC = 0;
    private static final int STEP_1 = 0;
    private static final int STEP_2 = 1;
    private static final int UPDATE = 2;
    private static final int STRING = 4;

    private final World world;
    private final FlakyStore store;
    private final String document;
    private final long id;
    private final YDocument replica = new YDocument(DocumentLimits.DEFAULT);
    private int clock;

    /** Edits that were sent on this connection and are not acknowledged. */
    private final List<byte[]> unacknowledged = new ArrayList<>();

    private @Nullable Network network;
    private @Nullable Client client;
    private @Nullable YWebsocketConnection connection;

    Editor(World world, FlakyStore store, String document, long id) {
        this.world = world;
        this.store = store;
        this.document = document;
        this.id = id;
    }

    String document() {
        return document;
    }

    boolean isConnected() {
        return network != null && !network.isClosed();
    }

    void connect(Hub hub, Documents documents, boolean isSlow) {
        unacknowledged.clear();
        network = new Network(world, isSlow ? 60 : 0);
        client = hub.connect(network, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
        connection = YWebsocketConnection.open(documents, document, client, false, DocumentMember.NO_COPY);
        send(STEP_1, replica.stateVector());
    }

    /** Ends the connection, cleanly or not. */
    void disconnect(boolean cleanly) {
        if (connection != null && client != null) {
            if (cleanly) {
                connection.closedCleanly();
            }
            client.disconnected();
        }
        cutOff();
    }

    /** The server has crashed. */
    void cutOff() {
        network = null;
        client = null;
        connection = null;
    }

    /** Inserts a letter, or deletes an own one. */
    void edit() throws MalformedUpdateException, LimitExceededException {
        byte[] edit = clock > 0 && world.happens(20) ? deletion(world.number(clock)) : insertion();
        replica.apply(edit);
        if (isConnected()) {
            unacknowledged.add(edit);
            send(UPDATE, edit);
        }
    }

    private byte[] insertion() {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(1);
        out.writeVarUint(1);
        out.writeVarUint(id);
        out.writeVarUint(clock++);
        out.writeByte(STRING);
        out.writeVarUint(1);
        out.writeVarString("t");
        out.writeVarString(String.valueOf((char) ('a' + world.number(26))));
        out.writeVarUint(0);
        return out.toByteArray();
    }

    private byte[] deletion(int at) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(0);
        out.writeVarUint(1);
        out.writeVarUint(id);
        out.writeVarUint(1);
        out.writeVarUint(at);
        out.writeVarUint(1);
        return out.toByteArray();
    }

    private void send(int step, byte[] payload) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(SYNC);
        out.writeVarUint(step);
        out.writeVarBytes(payload);
        if (connection != null) {
            connection.receive(out.toByteArray());
        }
    }

    /** Completes the send in flight; false if there is none. */
    boolean progress() {
        return network != null && network.progress();
    }

    /** Reads the frames that have arrived. */
    void read() throws MalformedUpdateException, LimitExceededException {
        if (network == null) {
            return;
        }
        for (Frame frame : network.take()) {
            Lib0Reader in = new Lib0Reader(frame.payload());
            if (in.readVarUint() != SYNC) {
                continue; // awareness
            }
            long step = in.readVarUint();
            byte[] payload = in.readVarBytes();
            if (step == STEP_1) {
                send(STEP_2, replica.diff(payload));
            } else {
                replica.apply(payload);
                acknowledge(payload);
            }
        }
    }

    /**
     * An insertion that its author receives is stored. A deletion may arrive earlier: replies, and updates of an editor that reconnects,
     * have all deletions.
     */
    private void acknowledge(byte[] received) throws MalformedUpdateException {
        YDocument echo = YDocument.decode(received, DocumentLimits.DEFAULT);
        for (Iterator<byte[]> all = unacknowledged.iterator(); all.hasNext(); ) {
            byte[] edit = all.next();
            if (echo.contains(edit)) {
                all.remove();
                assertThat(isDeletion(edit) || stored().contains(edit))
                        .as("an acknowledged edit is stored")
                        .isTrue();
            }
        }
    }

    /** A deletion has no structs. */
    private static boolean isDeletion(byte[] edit) {
        return edit[0] == 0;
    }

    private YDocument stored() throws MalformedUpdateException {
        return YDocument.decode(store.durable(document), DocumentLimits.DEFAULT);
    }

    /** Expects that all edits are acknowledged and stored. */
    void expectAllStored() throws MalformedUpdateException {
        assertThat(unacknowledged).as("unacknowledged edits").isEmpty();
        assertThat(stored().encode()).isEqualTo(replica.encode());
    }
}
