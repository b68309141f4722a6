package dev.tutti.document;

/** A store cannot do what it was asked; the message says why, for people, without a path or a secret: "no space is left". */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes one with a cause for the log. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Makes one without a cause. */
    public StoreException(String message) {
        super(message);
    }
}
