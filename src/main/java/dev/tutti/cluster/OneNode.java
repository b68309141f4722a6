package dev.tutti.cluster;

import dev.tutti.hub.Problem;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One Redis, which has all parts. Safe for any thread. */
final class OneNode implements Nodes {
    private static final Set<Integer> ALL = IntStream.range(0, PARTS).boxed().collect(Collectors.toUnmodifiableSet());

    private final ClusterConnection connection;

    OneNode(Redis.Connector connector, TimeSource time, Timer timer, RandomGenerator random) {
        this.connection = new ClusterConnection(connector, time, timer, random);
    }

    @Override
    public void start(Observer observer) {
        connection.start(new ClusterConnection.Observer() {
            @Override
            public void connected(Redis redis) {
                observer.connected(redis, ALL);
            }

            @Override
            public void disconnected() {
                observer.disconnected(ALL);
            }

            @Override
            public void received(String channel, byte[] message) {
                observer.received(channel, message);
            }
        });
    }

    @Override
    public @Nullable Redis of(int part) {
        return connection.current();
    }

    @Override
    public CompletionStage<Redis> next(int part, Redis moved) {
        return CompletableFuture.failedFuture(Away.toAppend());
    }

    @Override
    public String generations(int part, Redis at) {
        return at.generation();
    }

    @Override
    public Runnable calling(int part, Redis at) {
        return () -> {}; // a part never moves
    }

    @Override
    public void refused(int part, Throwable failure) {
        connection.refused(failure);
    }

    @Override
    public String serversPrefix(String prefix) {
        return prefix;
    }

    @Override
    public void tick() {
        connection.tick();
    }

    @Override
    public @Nullable Problem problem() {
        String reason = connection.problem();
        return reason == null ? null : Problem.ofAll(reason);
    }

    @Override
    public int partsAway() {
        return connection.problem() == null ? 0 : PARTS;
    }

    @Override
    public long lagNanos() {
        return connection.lagNanos();
    }

    @Override
    public void close() {
        connection.close();
    }
}
