package dev.tutti.cluster;

import dev.tutti.hub.Position;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model of Redis and its connections: each connection keeps its order, all else happens in the order of the executor. Confined to the executor's thread.
 */
public final class SimulatedRedis {
    private final Executor executor;
    private final TimeSource time;
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final SimulatedData data;
    private int generation;
    private boolean isAway;

    /** @param appended is told the position and data of each new publication */
    public SimulatedRedis(Executor executor, TimeSource time, BiConsumer<Position, String> appended) {
        this.executor = executor;
        this.time = time;
        this.data = new SimulatedData(time, appended, this::publish);
    }

    /** Returns the part of a new server that uses this Redis. Its waits may take any time. */
    public Cluster newCluster() {
        Redis.Connector connector = new Redis.Connector() {
            @Override
            public CompletionStage<Redis> connect(Redis.Listener listener) {
                return SimulatedRedis.this.connect(listener);
            }

            @Override
            public String address() {
                return "nowhere";
            }

            @Override
            public void close() {}
        };
        Timer timer = (task, delayNanos) -> executor.execute(task);
        Nodes nodes = new OneNode(connector, time, timer, new Random(1));
        return new Cluster("test", "", nodes, ClusterMetrics.NONE, time, timer, () -> 0);
    }

    private CompletionStage<Redis> connect(Redis.Listener listener) {
        if (isAway) {
            return CompletableFuture.failedFuture(new IllegalStateException("away"));
        }
        Connection connection = new Connection(listener);
        connections.add(connection);
        CompletableFuture<Redis> opened = new CompletableFuture<>();
        executor.execute(() -> opened.complete(connection));
        return opened;
    }

    /** Refuses new connections, or accepts them again. */
    public void setAway(boolean away) {
        isAway = away;
    }

    /** Ends a connection, if there are so many; what was sent on it may still be carried out. */
    public void breakConnection(int index) {
        connections.stream().skip(index).findFirst().ifPresent(Connection::close);
    }

    /** Saves the data for {@link #restart}. */
    public void save() {
        data.save();
    }

    /** Ends all connections and what was sent on them, and begins another generation. */
    public void restart(boolean losesWrites) {
        generation++;
        if (losesWrites) {
            data.revert();
        }
        for (Connection connection : List.copyOf(connections)) {
            connection.close();
        }
    }

    /** Returns the position of a room's last publication; null if it does not exist. */
    public @Nullable Position top(String room) {
        return data.top(RoomKeys.of("test", room).state());
    }

    /** Returns the data of the retained publications of a room, by offset. */
    public Map<Long, String> retained(String room) {
        return data.retained(RoomKeys.of("test", room).state());
    }

    /** Returns the members of a room, each with the id of its server. */
    public Map<String, String> members(String room) {
        return data.members(RoomKeys.of("test", room).state());
    }

    private long publish(String channel, byte[] message) {
        List<Connection> receivers = connections.stream()
                .filter(connection -> connection.subscribed.contains(channel))
                .toList();
        receivers.forEach(connection -> connection.send(() -> connection.listener.received(channel, message)));
        return receivers.size();
    }

    private final class Connection implements Redis {
        private final Listener listener;
        private final String opened = Integer.toString(generation);
        private final Deque<Runnable> toRedis = new ArrayDeque<>();
        private final Deque<Runnable> toServer = new ArrayDeque<>();
        private final Set<String> subscribed = new HashSet<>();
        /** By the number of the call. */
        private final Map<Integer, CompletableFuture<?>> pending = new TreeMap<>();

        private int calls;
        private boolean hasEnded;

        Connection(Listener listener) {
            this.listener = listener;
        }

        private void send(Runnable message) {
            toServer.add(message);
            executor.execute(() -> runNext(toServer));
        }

        private static void runNext(Deque<Runnable> queue) {
            Runnable next = queue.poll(); // null if the connection has ended
            if (next != null) {
                next.run();
            }
        }

        private void call(Runnable command) {
            if (!hasEnded) {
                toRedis.add(command);
                executor.execute(() -> {
                    if (opened.equals(Integer.toString(generation))) { // else this Redis has died
                        runNext(toRedis);
                    }
                });
            }
        }

        private <T> CompletableFuture<T> answer(Supplier<T> command) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            if (hasEnded) {
                answer.completeExceptionally(new IllegalStateException("ended"));
                return answer;
            }
            int number = ++calls;
            pending.put(number, answer);
            call(() -> {
                T result = command.get();
                if (!hasEnded) {
                    send(() -> {
                        pending.remove(number);
                        answer.complete(result);
                    });
                }
            });
            return answer;
        }

        @Override
        public String generation() {
            return opened;
        }

        @Override
        public CompletionStage<String> readGeneration() {
            return answer(() -> Integer.toString(generation));
        }

        @Override
        public CompletionStage<List<Object>> run(Script script, List<String> keys, List<byte[]> arguments) {
            return answer(() -> data.run(script, keys, arguments));
        }

        @Override
        public CompletionStage<?> subscribe(String channel) {
            return answer(() -> subscribed.add(channel));
        }

        @Override
        public void unsubscribe(String channel) {
            call(() -> subscribed.remove(channel));
        }

        @Override
        public CompletionStage<Long> publish(String channel, byte[] message) {
            return answer(() -> SimulatedRedis.this.publish(channel, message));
        }

        @Override
        public void close() {
            if (!hasEnded) {
                hasEnded = true;
                connections.remove(this);
                toServer.clear();
                listener.ended(this);
                List.copyOf(pending.values())
                        .forEach(answer -> answer.completeExceptionally(new IllegalStateException("ended")));
            }
        }
    }
}
