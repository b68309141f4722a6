package dev.tutti.document;

import dev.tutti.hub.Client;
import dev.tutti.yjs.Lib0Reader;
import dev.tutti.yjs.MalformedUpdateException;
import org.jspecify.annotations.Nullable;

/** A client that has a document open. Safe for any thread. */
public final class Participant implements DocumentConnection {
    private final LiveDocument document;
    private final Client client;
    private final Wire wire;
    private final boolean readOnly;
    private volatile boolean saidGoodbye;
    /** Something was dropped that was to be sent to the client, and it has not been told yet what it lacks. */
    private volatile boolean behind;

    // Confined to the document's run.
    private final AwarenessSession awareness = new AwarenessSession();

    /** Stands for this participant in the document's state, from 1. */
    long contributor;

    /** Up to where this client surely has everything; null if it may have nothing. */
    byte @Nullable [] stateVector;

    /** What state vector it has asked about and not been answered; null if none. */
    byte @Nullable [] asked;

    /** How many updates of its own it has not been told to be stored. */
    int unconfirmed;

    Participant(LiveDocument document, Client client, Wire wire, boolean readOnly) {
        this.document = document;
        this.client = client;
        this.wire = wire;
        this.readOnly = readOnly;
    }

    @Override
    public void receive(byte[] message) {
        receive(new Lib0Reader(message));
    }

    void receive(Lib0Reader in) {
        int bytes = in.remaining();
        try {
            document.receive(this, Message.read(in), bytes);
        } catch (MalformedUpdateException e) {
            client.close(wire.malformed(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void sayGoodbye() {
        saidGoodbye = true;
    }

    /** The client is gone, or has put the document away. */
    void leave() {
        document.leave(this);
    }

    /** Something was dropped; comes before {@link #catchUp} of any document that this client has open. */
    void fallBehind() {
        behind = true;
    }

    /** The client reads again. */
    void catchUp() {
        document.catchUp(this);
    }

    /** The client is told all that it lacks. */
    void isUpToDate() {
        behind = false;
    }

    boolean isBehind() {
        return behind;
    }

    Client client() {
        return client;
    }

    Wire wire() {
        return wire;
    }

    /** Confined to the document's run. */
    AwarenessSession awareness() {
        return awareness;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    boolean hasSaidGoodbye() {
        return saidGoodbye;
    }
}
