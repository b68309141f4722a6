package dev.tutti.store.postgres;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.DocumentMember;
import dev.tutti.document.Documents;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import dev.tutti.security.Access;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A client with an open document that types letters and waits for their confirmation. Confined to a thread. */
public final class TypingClient implements Transport {
    private static final byte[] MARK = {102, 1, 1};

    /** Code units of a letter; many, so that the server folds the document soon. */
    private static final int UNITS = 100;

    private final Semaphore confirmations = new Semaphore(0);
    private final Client client;
    private final YWebsocketConnection connection;

    public TypingClient(Hub hub, Documents documents, String document) {
        client = hub.connect(this, DocumentClients.Y_WEBSOCKET, "", Access.unrestricted(""));
        connection = YWebsocketConnection.open(documents, document, client, false, DocumentMember.NO_COPY);
    }

    /** Types a letter after the one before; the first begins the text. */
    public void type(int id, int letter) {
        Lib0Writer update = new Lib0Writer();
        update.writeVarUint(1);
        update.writeVarUint(1);
        update.writeVarUint(id);
        update.writeVarUint((long) letter * UNITS);
        if (letter == 0) {
            update.writeByte(0x04);
            update.writeVarUint(1);
            update.writeVarString("t");
        } else {
            update.writeByte(0x84);
            update.writeVarUint(id);
            update.writeVarUint((long) letter * UNITS - 1);
        }
        update.writeVarString("x".repeat(UNITS));
        update.writeVarUint(0);
        Lib0Writer frame = new Lib0Writer();
        frame.writeVarUint(0);
        frame.writeVarUint(2);
        frame.writeVarBytes(update.toByteArray());
        connection.receive(frame.toByteArray());
        connection.receive(MARK);
    }

    /** Waits for the confirmation of all letters; returns false if the caller gives up. */
    public boolean isConfirmed(BooleanSupplier isGivenUp) {
        try {
            while (!isGivenUp.getAsBoolean()) {
                if (confirmations.tryAcquire(50, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    public void disconnect() {
        client.disconnected();
    }

    /** Returns the number of letters of each author in a document. */
    public static Map<Integer, Integer> letters(byte[] stateVector) throws Exception {
        Map<Integer, Integer> letters = new HashMap<>();
        Lib0Reader in = new Lib0Reader(stateVector);
        for (long left = in.readVarUint(); left > 0; left--) {
            int id = (int) in.readVarUint();
            letters.put(id, (int) in.readVarUint() / UNITS);
        }
        return letters;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        for (int i = from; i < batch.size(); i++) {
            if (batch.frame(i).payload()[0] == MARK[0]) {
                confirmations.release();
            }
        }
        done.done(null);
        return batch.size();
    }

    @Override
    public void ping(Runnable handedOver) {}

    @Override
    public void close(CloseCode code, String reason) {}
}
