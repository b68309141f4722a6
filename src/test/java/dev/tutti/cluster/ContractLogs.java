package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.ForwardingLog;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogContract;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
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
    private static final Duration WAIT = Duration.ofSeconds(60);

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
        awaitSoon(() -> cluster.problem() == null);
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
        awaitSoon(() -> log.prepare(null) == null);
        return log;
    }

    /** As {@link RoomLogContract#complete}. */
    void complete() {
        for (Timed log : logs) {
            if (log.appends.isEmpty()) {
                continue; // it is complete since the last call
            }
            log.appends.forEach(append -> assertThat(append).succeedsWithin(WAIT));
            log.appends.clear();
            String top = tops.apply(RoomKeys.of(PREFIX, log.room));
            long last = top == null ? 0 : Long.parseLong(top);
            awaitSoon(() -> log.isClosed || log.latest(0).position().offset() == last);
        }
    }

    /** Waits without the tenth of a second that Awaitility waits at first. */
    private static void awaitSoon(Callable<Boolean> condition) {
        await().atMost(WAIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    @Override
    public void close() {
        cluster.close();
        executor.shutdownNow();
    }

    /** A log whose clock, and that of its Redis, show the time of the last call. */
    private final class Timed extends ForwardingLog {
        private final String room;
        private final RoomLog log;
        private final Subscriber subscriber;
        private final List<CompletableFuture<?>> appends = new ArrayList<>();
        private boolean isClosed;

        Timed(String room, RoomLog log, Subscriber subscriber) {
            super(log);
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
        public void close() {
            isClosed = true;
            log.close();
        }
    }
}
