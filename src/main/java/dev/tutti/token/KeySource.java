package dev.tutti.token;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Holds the keys of tokens. Implementations are safe for any thread. */
@FunctionalInterface
interface KeySource {
    /** Returns the keys; null if there are none yet. Does not block. */
    @Nullable
    VerificationKeys current();

    /** A token names a key that {@link #current} lacks: the issuer may have a new one. Does not block. */
    default void keyIsUnknown() {}

    /** Handles a tick of the clock, about twice a second. */
    default void tick(Executor background) {}
}
