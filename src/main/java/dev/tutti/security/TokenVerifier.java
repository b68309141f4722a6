package dev.tutti.security;

import java.util.concurrent.Executor;

/** Verifies signed tokens. Implementations are safe for any thread. */
@FunctionalInterface
public interface TokenVerifier {
    /** Verifies no token: for a server whose setting {@code access} has no {@code token}. */
    TokenVerifier NONE = token -> {
        throw UnauthenticatedException.needsToken("this server accepts no tokens: the setting access lacks token");
    };

    /**
     * Returns the identity that a token gives, by {@link Way#TOKEN}. Does not block.
     *
     * @param token as the client sent it, of any length
     * @throws UnauthenticatedException if the token does not pass a check, or the server has no keys yet
     */
    Identity verify(String token);

    /**
     * Handles a tick of the clock, about twice a second: renews keys that another server publishes. Does not block.
     *
     * @param background runs tasks that may block
     */
    default void tick(Executor background) {}
}
