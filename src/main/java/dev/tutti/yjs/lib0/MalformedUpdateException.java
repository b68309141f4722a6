package dev.tutti.yjs.lib0;

/** Says that bytes of a peer are not what they should be: an update, a state vector, an awareness update, or a piece of them. */
public final class MalformedUpdateException extends Exception {
    private static final long serialVersionUID = 1;

    /** Makes one that says what is wrong. */
    public MalformedUpdateException(String message) {
        super(message, null, false, false); // a peer's fault has no place in our code, and costs as little as can be
    }
}
