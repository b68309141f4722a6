package dev.tutti.yjs.lib0;

/** Bytes from a peer are malformed: an update, a state vector, an awareness update, or a part of one. */
public final class MalformedUpdateException extends Exception {
    private static final long serialVersionUID = 1;

    /** The message names the error; the client gets it as a close reason. */
    public MalformedUpdateException(String message) {
        super(message, null, false, false); // no stack trace: the fault is the peer's, and must be cheap
    }
}
