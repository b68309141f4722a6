package dev.tutti.security;

/**
 * Thrown when the server cannot find out now whether an identity may do something, before anything is done. The caller that knows the client
 * answers it in its protocol; the client may try again later. The message is the reason, for people.
 */
public final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes an exception with a reason of at most 123 bytes, which fits into a close frame. */
    public UnavailableException(String reason) {
        super(reason, null, false, false);
    }

    /** Returns the reason. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
