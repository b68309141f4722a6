package dev.tutti.security;

/**
 * Thrown when a token is needed and absent, or does not pass its checks. The caller that knows the client answers it in its protocol. The
 * message is the reason, for people; it contains nothing of the token.
 */
public final class UnauthenticatedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean isTemporary;

    private UnauthenticatedException(String reason, boolean isTemporary) {
        super(reason, null, false, false);
        this.isTemporary = isTemporary;
    }

    /** Returns an exception of a client that needs a token, or another one. */
    public static UnauthenticatedException needsToken(String reason) {
        return new UnauthenticatedException(reason, false);
    }

    /** Returns an exception of a server that cannot verify any token yet. The client may try again with the same one. */
    public static UnauthenticatedException tryLater(String reason) {
        return new UnauthenticatedException(reason, true);
    }

    /** Returns the reason: one line of ASCII. */
    public String reason() {
        return String.valueOf(getMessage());
    }

    /** Returns whether the same token may pass later. */
    public boolean isTemporary() {
        return isTemporary;
    }
}
