package dev.tutti.hub;

/** Says that a limit was reached; caught where the client is known that has to be told. */
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Refusal refusal;

    LimitException(Refusal refusal) {
        super(refusal.reason(), null, false, false);
        this.refusal = refusal;
    }

    /** Returns which limit. */
    public Refusal refusal() {
        return refusal;
    }
}
