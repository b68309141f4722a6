package dev.tutti.security;

/**
 * Thrown when an identity lacks the right to do something, before anything is done. The caller that knows the client answers it in its
 * protocol. The message is the reason, for people.
 */
public final class ForbiddenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ForbiddenException(String reason) {
        super(reason, null, false, false);
    }

    /** Returns the reason. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
