package dev.tutti.security;

/**
 * Thrown when a token is needed and absent, or does not pass its checks. The caller that knows the client answers it in its protocol. The
 * message is the reason, for people; it contains nothing of the token.
 */
public final class UnauthenticatedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private enum Kind {
        /** The client needs a token, or another one (RFC 6750 section 3.1). */
        NEEDS_TOKEN(401),
        /** As above, and the server has not checked the signature of the token. */
        UNCHECKED(401),
        /** The server cannot verify any token yet. */
        TRY_LATER(503),
        /** The token was not looked at (RFC 6585 section 4). */
        TOO_MANY(429);

        private final int status;

        Kind(int status) {
            this.status = status;
        }
    }

    private final Kind kind;

    private UnauthenticatedException(Kind kind, String reason) {
        super(reason, null, false, false);
        this.kind = kind;
    }

    /** Returns an exception of a client that needs a token, or another one. */
    public static UnauthenticatedException needsToken(String reason) {
        return new UnauthenticatedException(Kind.NEEDS_TOKEN, reason);
    }

    /** As {@link #needsToken}, for a token that is refused before the check of its signature, which costs most. */
    public static UnauthenticatedException unchecked(String reason) {
        return new UnauthenticatedException(Kind.UNCHECKED, reason);
    }

    /** Returns an exception of a server that cannot verify any token yet. The client may try again with the same one. */
    public static UnauthenticatedException tryLater(String reason) {
        return new UnauthenticatedException(Kind.TRY_LATER, reason);
    }

    /** Returns an exception of a client from whose address too many tokens have failed. It may try again with the same one. */
    static UnauthenticatedException tooMany() {
        return new UnauthenticatedException(
                Kind.TOO_MANY, "too many tokens of this address have failed: try again later");
    }

    /** Returns the reason: one line of ASCII. */
    public String reason() {
        return String.valueOf(getMessage());
    }

    /** Returns the HTTP status of the refusal; with 401 goes {@code WWW-Authenticate}. */
    public int status() {
        return kind.status;
    }

    /** Returns whether the same token may pass later. */
    public boolean isTemporary() {
        return kind == Kind.TRY_LATER || kind == Kind.TOO_MANY;
    }

    /** Returns whether the server refuses tokens of this address without a look at them. */
    public boolean isTooMany() {
        return kind == Kind.TOO_MANY;
    }

    boolean isUnchecked() {
        return kind == Kind.UNCHECKED;
    }
}
