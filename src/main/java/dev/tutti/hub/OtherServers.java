package dev.tutti.hub;

import java.util.List;
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

    /**
     * What other servers have.
     *
     * @param missing the number of servers that have not answered in time
     */
    record Found<T>(List<Page.Part<T>> parts, int missing) {
        /** Returns the stage of an answer without other servers. */
        static <T> CompletionStage<Found<T>> nothing() {
            return CompletableFuture.completedFuture(new Found<>(List.of(), 0));
        }
    }

    /** Lists the connections of other servers, as {@link ClientDirectory#list}. Fails as {@link #run}, but not for an answer that is missing. */
    default CompletionStage<Found<ClientDirectory.Entry>> clients(String user, String after, int max) {
        return Found.nothing();
    }

    /** Lists the rooms of other servers, as {@link RoomDirectory#list}. Otherwise as {@link #clients}. */
    default CompletionStage<Found<String>> rooms(String prefix, String after, int max) {
        return Found.nothing();
    }
}
