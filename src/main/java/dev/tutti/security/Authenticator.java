package dev.tutti.security;

/** Gives a connection its access: at the handshake, or by a token that it sends later. Safe for any thread. */
public record Authenticator(Gate gate, Permissions permissions) {
    /** Returns the access of an identity. */
    public Access of(Identity identity) {
        return new Access(identity, permissions);
    }

    /** Returns whether the server verifies tokens; if not, a protocol ignores those that stock clients send. */
    public boolean acceptsTokens() {
        return gate.acceptsTokens();
    }

    /**
     * Returns the access that a token gives. Does not block.
     *
     * @throws UnauthenticatedException if the token does not pass
     */
    public Access ofToken(String token) {
        return of(gate.authenticate(token));
    }
}
