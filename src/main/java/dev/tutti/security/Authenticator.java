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
     * @param address the {@link AddressKey} of the client that sends it; empty if it is unknown
     * @throws UnauthenticatedException if the token does not pass, or too many others of this address have not
     */
    public Access ofToken(String token, String address) {
        return of(gate.authenticate(token, address));
    }
}
