package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Members;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogContract;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Logs on Redis for {@link RoomLogContract}, as one server sees them. Confined to a test. */
final class ContractLogs implements AutoCloseable {
    private static final Limits LIMITS = Settings.read(
            Limits.class,
            name -> name.equals("history")
                    ? "*=" + RoomLogContract.RULE.count() + "/" + RoomLogContract.RULE.bytes() + "/"
                            + RoomLogContract.RULE.seconds()
                    : null);

    private static final String PREFIX = "contract";

    /** Of the logs, and how much the clock of Redis is ahead. */
    private final AtomicLong nanos = new AtomicLong();

    private final AtomicInteger rooms = new AtomicInteger();
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    private final Function<RoomKeys, @Nullable String> tops;
    private final Cluster cluster;
    private final RoomLog.Factory factory;
    private final List<Timed> logs = new ArrayList<>();

    /** @param tops reads the last offset of a room in Redis */
    ContractLogs(String address, Function<RoomKeys, @Nullable String> tops) {
        this.tops = tops;
        cluster = new Cluster(
                PREFIX,
                "",
                RedisAddress.open(address, "", PREFIX, TimeSource.SYSTEM, this::schedule),
                ClusterMetrics.NONE,
                TimeSource.SYSTEM,
                this::schedule,
                () -> nanos.get() / 1_000_000);
        factory = cluster.in(new RoomLogs.Context(
                LIMITS,
                new Budget(1_000_000),
                executor,
                new TimeSource() {
                    @Override
                    public long nanos() {
                        return nanos.get();
                    }

                    @Override
                    public long millis() {
                        return 0;
                    }
                },
                () -> UUID.randomUUID().toString()));
        await().until(() -> cluster.problem() == null);
    }

    private void schedule(Runnable task, long delayNanos) {
        var unused = executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** As {@link RoomLogContract#open}. */
    RoomLog open(RoomLog.Subscriber subscriber) {
        nanos.set(0);
        String room = "room" + rooms.incrementAndGet();
        Timed log = new Timed(room, factory.open(room, subscriber), subscriber);
        logs.add(log);
        await().until(() -> log.prepare(null) == null);
        return log;
    }

    /** As {@link RoomLogContract#complete}. */
    void complete() {
        for (Timed log : logs) {
            log.appends.forEach(append -> assertThat(append).succeedsWithin(10, TimeUnit.SECONDS));
            String top = tops.apply(RoomKeys.of(PREFIX, log.room));
            long last = top == null ? 0 : Long.parseLong(top);
            await().until(() -> log.isClosed || log.latest(0).position().offset() == last);
        }
    }

    @Override
    public void close() {
        cluster.close();
        executor.shutdownNow();
    }

    /** A log whose clock, and that of its Redis, show the time of the last call. */
    private final class Timed implements RoomLog {
        private final String room;
        private final RoomLog log;
        private final Subscriber subscriber;
        private final List<CompletableFuture<?>> appends = new ArrayList<>();
        private boolean isClosed;

        Timed(String room, RoomLog log, Subscriber subscriber) {
            this.room = room;
            this.log = log;
            this.subscriber = subscriber;
        }

        @Override
        public @Nullable CompletionStage<?> prepare(@Nullable Position since) {
            synchronized (subscriber) {
                return log.prepare(since);
            }
        }

        @Override
        public CompletionStage<Position> append(Draft draft, long nowNanos) {
            nanos.set(nowNanos);
            synchronized (subscriber) {
                CompletionStage<Position> appended = log.append(draft, nowNanos);
                appends.add(appended.toCompletableFuture());
                return appended;
            }
        }

        @Override
        public JoinResult joined(@Nullable Position since, Members members) {
            return log.joined(since, members);
        }

        @Override
        public HistoryPage since(Position since, int max) {
            return log.since(since, max);
        }

        @Override
        public HistoryPage before(Position before, int max) {
            return log.before(before, max);
        }

        @Override
        public HistoryPage latest(int max) {
            synchronized (subscriber) {
                return log.latest(max);
            }
        }

        @Override
        public void trim(long nowNanos) {
            nanos.set(nowNanos);
            log.trim(nowNanos);
        }

        @Override
        public CompletionStage<?> clear() {
            CompletionStage<?> cleared = log.clear();
            appends.add(cleared.toCompletableFuture());
            return cleared;
        }

        @Override
        public boolean isEmpty() {
            return log.isEmpty();
        }

        @Override
        public void close() {
            isClosed = true;
            log.close();
        }
    }
}
