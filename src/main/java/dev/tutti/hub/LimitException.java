package dev.tutti.hub;

/** Thrown when a request would exceed a limit. The caller that knows the client closes it or answers with an error. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final LimitBreach breach;

    /** Has no stack trace. */
    public LimitException(LimitBreach breach) {
        super(breach.reason(), null, false, false);
        this.breach = breach;
    }

    /** Returns the limit. */
    public LimitBreach breach() {
        return breach;
    }
}
