package dev.tutti.cluster;

import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a node of Redis, opened in the background and opened again when it ends, after a random time that grows, so that not all servers come
 * at once. It asks for the generation every second: a connection that is silent, and a Redis whose generation has changed, are given up. Safe for any
 * thread; no method blocks.
 */
final class ClusterConnection implements Redis.Listener {
    private static final Logger LOG = System.getLogger(ClusterConnection.class.getName());

    private static final long SECOND = 1_000_000_000L;
    private static final long FIRST_WAIT_NANOS = SECOND / 4;
    private static final long MAX_WAIT_NANOS = 5 * SECOND;
    private static final long PROBE_NANOS = SECOND;

    /** A connection whose probe does not return for so long is given up. */
    private static final long PATIENCE_NANOS = 5 * SECOND;

    /** How long a refusal of Redis counts as a problem. */
    private static final long REFUSAL_NANOS = 5 * SECOND;

    /** Receives events, one call at a time for the first two. */
    interface Observer {
        void connected(Redis redis);

        void disconnected();

        /** A message has arrived, on the connection's thread. */
        void received(String channel, byte[] message);

        /** As {@link Redis.Listener#moved}. */
        default void moved(String owner) {}

        /** As {@link Redis.Listener#unsubscribed}. */
        default void unsubscribed(String channel) {}
    }

    private final Redis.Connector connector;
    private final TimeSource time;
    private final Timer timer;
    private final RandomGenerator random;

    /** Written under this. */
    private volatile @Nullable Redis current;

    /** How long the last probe took. */
    private volatile long lagNanos;

    /** Written once, by {@link #start}. */
    private volatile @Nullable Observer observer;

    // Guarded by this.
    /** A connection that ended before {@link #opened} was called for it. */
    private @Nullable Redis endedEarly;

    private String failure = "not connected yet";
    private int failures;
    private boolean isClosed;
    private long probeNanos;
    private boolean isProbing;
    private @Nullable String refusal;
    private long refusedNanos;

    ClusterConnection(Redis.Connector connector, TimeSource time, Timer timer, RandomGenerator random) {
        this.connector = connector;
        this.time = time;
        this.timer = timer;
        this.random = random;
    }

    /** Opens the first connection; called once. */
    void start(Observer first) {
        observer = first;
        open();
    }

    /** Returns the connection; null while there is none. */
    @Nullable
    Redis current() {
        return current;
    }

    long lagNanos() {
        return lagNanos;
    }

    private void open() {
        synchronized (this) {
            if (isClosed) {
                return;
            }
        }
        try {
            var unused = connector.connect(this).whenComplete(this::opened);
        } catch (RuntimeException e) {
            opened(null, e);
        }
    }

    private void opened(@Nullable Redis redis, @Nullable Throwable thrown) {
        boolean isOpen = false;
        synchronized (this) {
            if (redis != null && redis != endedEarly && !isClosed) {
                isOpen = true;
                current = redis;
                failures = 0;
                isProbing = false;
                probeNanos = time.nanos();
                refusal = null;
                notifyConnected(redis);
            }
        }
        if (isOpen) {
            LOG.log(Level.INFO, "connected to Redis at {0}", connector.address());
        } else {
            if (redis != null) {
                redis.close();
            }
            retry(thrown == null ? "the connection has ended" : reason(thrown));
        }
    }

    @Override
    public void ended(Redis connection) {
        synchronized (this) {
            if (current != connection) {
                endedEarly = connection;
                return;
            }
            current = null;
            notifyDisconnected();
        }
        retry("the connection has ended");
    }

    private void notifyConnected(Redis redis) {
        Observer receiver = observer;
        if (receiver != null) {
            receiver.connected(redis);
        }
    }

    private void notifyDisconnected() {
        Observer receiver = observer;
        if (receiver != null) {
            receiver.disconnected();
        }
    }

    private void retry(String reason) {
        long waitNanos;
        boolean isFirst;
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isFirst = failures == 0;
            failure = reason;
            long max = Math.min(MAX_WAIT_NANOS, FIRST_WAIT_NANOS << Math.min(failures, 10));
            failures++;
            waitNanos = max / 10 + random.nextLong(max);
        }
        if (isFirst) {
            LOG.log(
                    Level.WARNING,
                    "Redis at {0} is away, so its rooms take no messages: {1}",
                    connector.address(),
                    reason);
        }
        timer.schedule(this::open, waitNanos);
    }

    /** Returns the first message, which names the failure, and the last one, which names its cause. */
    static String reason(Throwable thrown) {
        Throwable first = thrown;
        while (first.getCause() != null && (first instanceof CompletionException || first.getMessage() == null)) {
            first = first.getCause();
        }
        Throwable last = first;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String what = String.valueOf(first.getMessage());
        String why = last.getMessage();
        return why == null || what.contains(why) ? what : what + ": " + why;
    }

    /** Redis has refused a call, such as one for which it has no memory. */
    void refused(Throwable thrown) {
        String reason = reason(thrown);
        boolean isNew;
        synchronized (this) {
            isNew = !isClosed && (!reason.equals(refusal) || time.nanos() - refusedNanos >= REFUSAL_NANOS);
            refusal = reason;
            refusedNanos = time.nanos();
        }
        if (isNew) {
            LOG.log(Level.WARNING, "Redis at {0} refuses: {1}", connector.address(), reason);
        }
    }

    @Override
    public void received(String channel, byte[] message) {
        Observer receiver = observer;
        if (receiver != null) {
            receiver.received(channel, message);
        }
    }

    @Override
    public void moved(String owner) {
        Observer receiver = observer;
        if (receiver != null) {
            receiver.moved(owner);
        }
    }

    @Override
    public void unsubscribed(String channel) {
        Observer receiver = observer;
        if (receiver != null) {
            receiver.unsubscribed(channel);
        }
    }

    /** Handles a tick of the clock: sends a probe, and gives up a connection that does not answer it. */
    void tick() {
        Redis redis = current;
        if (redis == null) {
            return;
        }
        long now = time.nanos();
        boolean isSilent;
        boolean isDue;
        synchronized (this) {
            isSilent = isProbing && now - probeNanos >= PATIENCE_NANOS;
            isDue = !isProbing && now - probeNanos >= PROBE_NANOS;
            if (isDue) {
                isProbing = true;
                probeNanos = now;
            }
        }
        if (isSilent) {
            LOG.log(Level.WARNING, "Redis at {0} is silent", connector.address());
            redis.close();
        } else if (isDue) {
            var unused = redis.readGeneration()
                    .whenComplete((generation, thrown) -> answered(redis, now, generation, thrown));
        }
    }

    private void answered(Redis redis, long askedNanos, @Nullable String generation, @Nullable Throwable thrown) {
        if (thrown != null || !redis.generation().equals(generation)) {
            redis.close();
            return;
        }
        synchronized (this) {
            if (redis == current) {
                isProbing = false;
                lagNanos = time.nanos() - askedNanos;
            }
        }
    }

    /** Returns why rooms take no messages now; null if they do. */
    @Nullable
    String problem() {
        boolean isAway = current == null;
        synchronized (this) {
            if (isAway) {
                return "Redis is away: " + failure;
            }
            long waited = time.nanos() - probeNanos;
            if (isProbing && waited >= 2 * PROBE_NANOS) {
                return "no answer from Redis for " + waited / SECOND + " s";
            }
            return refusal != null && time.nanos() - refusedNanos < REFUSAL_NANOS ? "Redis refuses: " + refusal : null;
        }
    }

    /** Ends the connection for good. */
    void close() {
        synchronized (this) {
            isClosed = true;
        }
        Redis redis = current;
        if (redis != null) {
            redis.close();
        }
        connector.close();
    }
}
