package dev.tutti.document;

import java.util.concurrent.CompletionException;

/** A store cannot do what it was asked; the message says why, for people, without a path or a secret: "no space is left". */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes one with a cause for the log. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns what a stage failed with, without what later stages wrap it in. */
    public static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Makes one without a cause. */
    public StoreException(String message) {
        super(message);
    }
}
