package dev.tutti.hub;

/** Says that a limit was reached; caught where the client is known that has to be told. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final LimitBreach breach;

    LimitException(LimitBreach breach) {
        super(breach.reason(), null, false, false);
        this.breach = breach;
    }

    /** Returns which limit. */
    public LimitBreach breach() {
        return breach;
    }
}
