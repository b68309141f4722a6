package dev.tutti.hub;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The other servers that share rooms with this one. Safe for any thread; no method blocks. */
@FunctionalInterface
public interface OtherServers {
    /** There are none. */
    OtherServers NONE = command -> CompletableFuture.completedFuture(0);

    /**
     * Carries out a command on all other servers. A revocation also reaches those that start or come back later.
     *
     * @return the number of connections concerned there; completes when their rights have ended, and fails with {@link
     *     dev.tutti.security.UnavailableException} if one of the servers cannot be reached, or does not confirm in time
     */
    CompletionStage<Integer> run(Command command);
}
