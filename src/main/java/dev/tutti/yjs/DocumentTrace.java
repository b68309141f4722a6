package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * The ids of the clients that have written a document. It recognises copies after the document itself is gone: Yjs chooses an id at random for each
 * editor, so another document has none of them. Immutable.
 */
public final class DocumentTrace {
    /** Upper bound of the clients; a trace does not recognise copies by the others. */
    public static final int MAX_CLIENTS = 8_192;

    /** The trace of a document that nobody has written. */
    public static final DocumentTrace EMPTY = new DocumentTrace(new long[0]);

    /** In order, each once. */
    private final long[] clients;

    private DocumentTrace(long[] clients) {
        this.clients = clients;
    }

    /** Returns the trace of a document with a state vector. */
    public static DocumentTrace of(byte[] stateVector) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(stateVector);
        int entries = in.readCount(2);
        long[] clients = new long[Math.min(entries, MAX_CLIENTS)];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = in.readVarUint();
            in.readVarUint();
        }
        Arrays.sort(clients);
        return new DocumentTrace(clients);
    }

    /** Returns the clients of both; if they are too many, without some of the other's. */
    public DocumentTrace joinedWith(DocumentTrace other) {
        return new DocumentTrace(LongStream.concat(Arrays.stream(clients), Arrays.stream(other.clients))
                .distinct()
                .limit(MAX_CLIENTS)
                .sorted()
                .toArray());
    }

    public boolean isEmpty() {
        return clients.length == 0;
    }

    /** Returns whether a document with this state vector is a copy: it has a struct of a client in this trace that {@code present} has none of. */
    public boolean isCopied(byte[] stateVector, YDocument present) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(stateVector);
        for (int left = in.readCount(2); left > 0; left--) {
            long client = in.readVarUint();
            if (in.readVarUint() > 0 && contains(client, present)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether an update brings a struct of a copy; otherwise as {@link #isCopied}. */
    public boolean isCopiedByUpdate(byte[] update, YDocument present) throws MalformedUpdateException {
        UpdateReader in = new UpdateReader(update);
        while (in.nextClient()) {
            if (in.hasStruct() && contains(in.client(), present)) {
                return true;
            }
            while (in.hasStruct()) {
                in.nextStruct();
            }
        }
        return false;
    }

    private boolean contains(long client, YDocument present) {
        return Arrays.binarySearch(clients, client) >= 0 && !present.hasStructsOf(client);
    }

    /** Writes the number of clients, and each of them. */
    public void write(Lib0Writer out) {
        out.writeVarUint(clients.length);
        for (long client : clients) {
            out.writeVarUint(client);
        }
    }

    /** Reads a trace that {@link #write} has written. */
    public static DocumentTrace read(Lib0Reader in) throws MalformedUpdateException {
        long[] clients = new long[in.readCount(1)];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = in.readVarUint();
        }
        return new DocumentTrace(clients);
    }
}
