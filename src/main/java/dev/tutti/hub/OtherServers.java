package dev.tutti.hub;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

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

    /** A subject on which servers ask each other in texts that only the part of the server that asks and answers understands. */
    enum Topic {
        /** What a server does. */
        STATISTICS(500_000_000L),
        /** Whether a server drains. */
        DRAIN_STATE(500_000_000L),
        /** The drain of one server, which asks the others first. */
        DRAIN(2_000_000_000L);

        private final long patienceNanos;

        Topic(long patienceNanos) {
            this.patienceNanos = patienceNanos;
        }

        /** Returns how long a question waits for answers. */
        public long patienceNanos() {
            return patienceNanos;
        }
    }

    /**
     * The texts that other servers have answered.
     *
     * @param missing the number of servers that have not answered in time
     */
    record Texts(List<String> list, int missing) {
        /** Copies the list. */
        public Texts {
            list = List.copyOf(list);
        }
    }

    /** Returns the name of this server among all, from its settings; empty if it has none. */
    default String name() {
        return "";
    }

    /** Returns how long a message takes from this server to the others and back, in nanoseconds; 0 without others. */
    default long lagNanos() {
        return 0;
    }

    /** Answers the questions of other servers on a topic from now on. A stage that fails counts as no answer. */
    default void answer(Topic topic, Function<String, CompletionStage<String>> answerer) {}

    /** Asks all other servers. Fails as {@link #run}, but not for an answer that is missing. */
    default CompletionStage<Texts> ask(Topic topic, String question) {
        return CompletableFuture.completedFuture(new Texts(List.of(), 0));
    }
}
