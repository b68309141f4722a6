package dev.tutti.yjs;

/** Says that something was refused, and changed nothing, because it would go over a limit that its owner set. */
public final class LimitExceededException extends Exception {
    private static final long serialVersionUID = 1;

    /** Makes one that says what would be too much. */
    public LimitExceededException(String message) {
        super(message, null, false, false);
    }
}
