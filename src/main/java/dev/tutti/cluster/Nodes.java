package dev.tutti.cluster;

import dev.tutti.hub.Problem;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connections of this server to Redis, by part: all parts are on one Redis, or each on the node of Redis Cluster that owns its slot. The connection of
 * a part may be replaced at any time. Safe for any thread; no method blocks but {@link #close}.
 */
interface Nodes extends AutoCloseable {
    /** The part of the questions and the revocations of all servers; those of rooms have lower numbers. */
    int SERVERS = RoomKeys.PARTS;

    /** The number of all parts. */
    int PARTS = RoomKeys.PARTS + 1;

    /** Moves of a part that one call follows. */
    int MAX_MOVES = 5;

    /** Receives events, one call at a time for the first two; it must not block, nor call the nodes. */
    interface Observer {
        /**
         * Parts have a connection, which may take the place of another one: nothing is subscribed there, and messages may have been missed. Answers of the
         * earlier one may still come.
         */
        void connected(Redis redis, Set<Integer> parts);

        /** Parts have no connection. */
        void disconnected(Set<Integer> parts);

        /** A message has arrived, on the thread of its connection. */
        void received(String channel, byte[] message);
    }

    /** Opens the first connections; called once. */
    void start(Observer observer);

    /** Returns the connection of a part; null while there is none. */
    @Nullable
    Redis of(int part);

    /**
     * Returns the connection of a part that takes the place of one.
     *
     * @param moved the one that has answered with {@link MovedException}
     * @return a stage that fails if there is none after some seconds
     */
    CompletionStage<Redis> next(int part, Redis moved);

    /** Makes a call of a part, and makes it again on the next connection when the part has moved: then nothing was done. */
    default <T> CompletionStage<T> follow(int part, Redis at, Function<Redis, CompletionStage<T>> call) {
        return follow(part, at, call, MAX_MOVES);
    }

    private <T> CompletionStage<T> follow(int part, Redis at, Function<Redis, CompletionStage<T>> call, int moves) {
        return call.apply(at)
                .exceptionallyCompose(failure -> MovedException.is(failure) && moves > 0
                        ? next(part, at).thenCompose(next -> follow(part, next, call, moves - 1))
                        : CompletableFuture.failedFuture(failure));
    }

    /**
     * Returns the generation of the data of a connection. The generations that a part had on other nodes before it moved here follow it, each after a
     * space: rooms of these keep their epoch, because nothing got lost.
     */
    String generations(int part, Redis at);

    /** A call of a part begins. Returns a task for its end, unless it fails. */
    Runnable calling(int part, Redis at);

    /** Redis has refused a call of a part, such as one for which it has no memory. */
    void refused(int part, Throwable failure);

    /** Returns the first part of the names of keys and channels of {@link #SERVERS}. */
    String serversPrefix(String prefix);

    /** Handles a tick of the clock; called by one thread at a time. */
    void tick();

    /** Returns why rooms take no messages now; null if all do. */
    @Nullable
    Problem problem();

    /** Returns the number of parts that take no calls now. */
    int partsAway();

    /** Returns how long the last probe took, in nanoseconds. */
    long lagNanos();

    /** Ends all connections for good; blocks for two seconds at most. */
    @Override
    void close();
}
