package dev.tutti.yjs;

/** An update was refused, and has changed nothing, because it would exceed a limit. */
public final class LimitExceededException extends Exception {
    private static final long serialVersionUID = 1;

    /** The message names the limit. */
    public LimitExceededException(String message) {
        super(message, null, false, false);
    }
}
