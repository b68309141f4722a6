package dev.tutti.document;

import dev.tutti.hub.Attachment;
import dev.tutti.hub.Client;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client that has a document open. Safe for any thread. */
public final class Participant implements Attachment {
    private final LiveDocument document;
    private final Client client;
    private final boolean readOnly;
    private volatile boolean saidGoodbye;

    // Confined to the document's run.
    /** How many had opened the document before. */
    long serial;

    /** Whom this client has announced: its user's cursors, by Yjs's ids. */
    final Set<Long> announced = new HashSet<>(2);

    /** Up to where this client surely has everything; null if it may have nothing. */
    byte @Nullable [] stateVector;

    Participant(LiveDocument document, Client client, boolean readOnly) {
        this.document = document;
        this.client = client;
        this.readOnly = readOnly;
    }

    /** Takes a message of the client; one that cannot be read, or goes over a limit, closes it. */
    public void receive(byte[] frame) {
        document.receive(this, frame);
    }

    /** The client has closed its connection in all form: who it announced is gone at once, and not only after a while. */
    public void sayGoodbye() {
        saidGoodbye = true;
    }

    @Override
    public void gone() {
        document.leave(this);
    }

    @Override
    public void caughtUp() {
        document.catchUp(this);
    }

    Client client() {
        return client;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    boolean hasSaidGoodbye() {
        return saidGoodbye;
    }
}
