package dev.tutti.document;

import java.util.concurrent.CompletionException;

/** A call to a store has failed. The message gives the reason for people, without paths and secrets: "no space is left". */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The cause is for the log. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns the failure of a stage without the wrapper that dependent stages add. */
    public static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Has no cause. */
    public StoreException(String message) {
        super(message);
    }
}
