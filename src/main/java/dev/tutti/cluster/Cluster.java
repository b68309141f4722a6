package dev.tutti.cluster;

import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import dev.tutti.settings.Settings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The logs of a hub whose rooms several servers share by one Redis. Without Redis the server starts, and this tries again. Safe for any thread; no method
 * blocks but {@link #close}.
 */
public final class Cluster implements RoomLogs, AutoCloseable {
    private static final Logger LOG = System.getLogger(Cluster.class.getName());

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** Time between two checks of the positions of rooms. */
    private static final long CHECK_NANOS = 2_000_000_000L;

    private final String prefix;
    private final ClusterConnection connection;
    private final ClusterMetrics metrics;
    private final TimeSource time;
    private final LongSupplier clockShiftMillis;

    private volatile @Nullable RedisLogs logs;

    /** Confined to the clock. */
    private long lastCheckNanos;

    /** @param clockShiftMillis how much the clock of Redis is ahead for this server; 0 but in tests of age */
    Cluster(
            String prefix,
            Redis.Connector connector,
            ClusterMetrics metrics,
            TimeSource time,
            Timer timer,
            LongSupplier clockShiftMillis) {
        SecureRandom random = new SecureRandom();
        String probeChannel = prefix + ":probe:" + Long.toString(random.nextLong(), Character.MAX_RADIX);
        this.prefix = prefix;
        this.connection = new ClusterConnection(connector, probeChannel, time, timer, random);
        this.metrics = metrics;
        this.time = time;
        this.clockShiftMillis = clockShiftMillis;
    }

    /**
     * Makes the part of a server that shares rooms with others. It connects when the hub asks for its logs.
     *
     * @param options with an address, from {@link #options}
     */
    public static Cluster of(ClusterOptions options, ClusterMetrics metrics, TimeSource time, Timer timer) {
        LOG.log(
                Level.INFO,
                "rooms and their members are shared through Redis; documents, limits of users and revocations are those of this server alone");
        return new Cluster(
                options.clusterPrefix(), new LettuceConnector(options.cluster()), metrics, time, timer, () -> 0);
    }

    /**
     * Reads and checks the settings. Only with an address it needs the client for Redis.
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public static ClusterOptions options(UnaryOperator<@Nullable String> lookup) {
        ClusterOptions options = Settings.read(ClusterOptions.class, lookup);
        if (!options.isAlone()) {
            check(options);
            if ("durable".equals(lookup.apply("history-store"))) {
                throw new IllegalArgumentException("history-store: the histories of shared rooms are in Redis");
            }
        }
        return options;
    }

    private static void check(ClusterOptions options) {
        if (!PREFIX.matcher(options.clusterPrefix()).matches()) {
            throw new IllegalArgumentException("cluster-prefix: 1 to 64 letters, digits, '.', '_' and '-'");
        }
        try {
            LettuceConnector.check(options.cluster());
        } catch (NoClassDefFoundError e) {
            throw new IllegalArgumentException(
                    "cluster: this WAR has no client for Redis; build one with mvn -P cluster package", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cluster: no address of Redis, such as redis://host:6379", e);
        }
    }

    @Override
    public RoomLog.Factory in(Context context) {
        RedisLogs opened = new RedisLogs(prefix, connection, context, metrics, clockShiftMillis);
        logs = opened;
        connection.start(opened);
        return opened;
    }

    /** Handles a tick of the clock. Called by one thread at a time, about twice a second. */
    public void tick() {
        connection.tick();
        RedisLogs opened = logs;
        long now = time.nanos();
        if (opened != null && now - lastCheckNanos >= CHECK_NANOS) {
            lastCheckNanos = now;
            opened.check();
        }
    }

    /** Returns why rooms take no messages now, for people; null if they do. */
    public @Nullable String problem() {
        return connection.problem();
    }

    /** Returns how long the last probe took from this server through Redis and back, in nanoseconds. */
    public long lagNanos() {
        return connection.lagNanos();
    }

    /** Closes the connection, and ends its threads; blocks for two seconds at most. */
    @Override
    public void close() {
        connection.close();
    }
}
