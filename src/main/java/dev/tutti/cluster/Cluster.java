package dev.tutti.cluster;

import dev.tutti.document.DocumentRelay;
import dev.tutti.hub.Administration;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.hub.Command;
import dev.tutti.hub.OtherServers;
import dev.tutti.hub.Problem;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import dev.tutti.security.Revocations;
import dev.tutti.settings.Settings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The logs of a hub whose rooms several servers share by Redis, the channels of their documents, and the commands of administrators on all these
 * servers. Without Redis the server starts, and this tries again. Safe for any thread; no method blocks but {@link #close}.
 */
public final class Cluster implements RoomLogs, OtherServers, AutoCloseable {
    private static final Logger LOG = System.getLogger(Cluster.class.getName());

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** Time between two checks of the positions of rooms. */
    private static final long CHECK_NANOS = 2_000_000_000L;

    private final String prefix;
    private final String name;
    private final Nodes nodes;
    private final ClusterMetrics metrics;
    private final TimeSource time;
    private final LongSupplier clockShiftMillis;

    private final Timer timer;
    private final SharedUsers users;

    private volatile @Nullable RedisLogs logs;
    private volatile @Nullable ServerQuestions questions;
    /** Written by {@link #in}. */
    private volatile @Nullable DocumentChannels documents;
    /** Executor of the hub; written before {@link #questions}. */
    private volatile @Nullable Executor executor;
    /** Null until {@link #serve}. */
    private volatile @Nullable SharedRevocations revocations;
    /** Null until {@link #serve}. */
    private volatile @Nullable MissedCommands missed;
    /** Null until {@link #serve}. */
    private volatile @Nullable ClusterCommands commands;
    /** Null until {@link #serve}. */
    private volatile @Nullable ClusterLists lists;
    /** Null until {@link #serve}. */
    private volatile @Nullable ClusterTopics topics;

    /** Confined to the clock. */
    private long lastCheckNanos;

    /**
     * @param name as {@link #name}
     * @param clockShiftMillis how much the clock of Redis is ahead for this server; 0 but in tests of age
     */
    Cluster(
            String prefix,
            String name,
            Nodes nodes,
            ClusterMetrics metrics,
            TimeSource time,
            Timer timer,
            LongSupplier clockShiftMillis) {
        this.prefix = prefix;
        this.name = name;
        this.nodes = nodes;
        this.users = new SharedUsers(prefix, nodes, time);
        this.metrics = metrics;
        this.time = time;
        this.timer = timer;
        this.clockShiftMillis = clockShiftMillis;
    }

    /**
     * Makes the part of a server that shares rooms with others. It connects when the hub asks for its logs.
     *
     * @param options with an address, from {@link #options}
     */
    public static Cluster of(ClusterOptions options, ClusterMetrics metrics, TimeSource time, Timer timer) {
        LOG.log(Level.INFO, "rooms, their members, revocations and limits of users are shared through Redis");
        return new Cluster(
                options.clusterPrefix(),
                options.clusterServer(),
                RedisAddress.open(
                        options.cluster(), options.clusterAuthorities(), options.clusterPrefix(), time, timer),
                metrics,
                time,
                timer,
                () -> 0);
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
        if (!options.clusterServer().isEmpty()
                && !PREFIX.matcher(options.clusterServer()).matches()) {
            throw new IllegalArgumentException("cluster-server: up to 64 letters, digits, '.', '_' and '-'");
        }
        if (!options.clusterAuthorities().isEmpty() && !Files.isReadable(Path.of(options.clusterAuthorities()))) {
            throw new IllegalArgumentException("cluster-authorities: cannot be read: " + options.clusterAuthorities());
        }
        try {
            RedisAddress.check(options.cluster());
        } catch (NoClassDefFoundError e) {
            throw new IllegalArgumentException(
                    "cluster: this WAR has no client for Redis; build one with mvn -P cluster package", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("cluster: no address of Redis, such as redis://host:6379", e);
        }
    }

    @Override
    public boolean outliveTheServer() {
        return true;
    }

    @Override
    public RoomLog.Factory in(Context context) {
        RedisLogs opened = new RedisLogs(prefix, nodes, context, metrics, clockShiftMillis);
        logs = opened;
        executor = context.executor();
        ServerQuestions asking = new ServerQuestions(prefix, nodes, context.executor(), timer);
        questions = asking;
        DocumentChannels channels = new DocumentChannels(prefix, nodes, context);
        documents = channels;
        nodes.start(new Observers(List.of(opened, asking, channels, users)));
        return opened;
    }

    /**
     * Carries out the commands of other servers from now on, and shares revocations with them. Called once, after {@link #in}.
     *
     * @param age how long a revocation matters
     */
    public void serve(Administration administration, Revocations revoked, Duration age) {
        ServerQuestions asking = Objects.requireNonNull(questions);
        ScriptCalls calls = new ScriptCalls(metrics, time);
        Executor runner = Objects.requireNonNull(executor);
        SharedRevocations shared =
                new SharedRevocations(prefix, asking, nodes, calls, administration, revoked, age, runner, time);
        MissedCommands kept = new MissedCommands(prefix, nodes, asking, calls, administration, runner, time);
        commands = new ClusterCommands(asking, shared, kept, administration);
        lists = new ClusterLists(asking, administration);
        topics = new ClusterTopics(asking);
        users.serve(administration.userReports());
        missed = kept;
        revocations = shared;
    }

    /** Returns the relay of documents; after {@link #in}. */
    public DocumentRelay documents() {
        return Objects.requireNonNull(documents);
    }

    @Override
    public CompletionStage<Integer> run(Command command) {
        ClusterCommands serving = commands;
        return serving == null ? CompletableFuture.failedFuture(Away.toOthers()) : serving.run(command);
    }

    @Override
    public CompletionStage<Found<ClientDirectory.Entry>> clients(String user, String after, int max) {
        ClusterLists serving = lists;
        return serving == null ? CompletableFuture.failedFuture(Away.toOthers()) : serving.clients(user, after, max);
    }

    @Override
    public CompletionStage<Found<String>> rooms(String prefix, String after, int max) {
        ClusterLists serving = lists;
        return serving == null ? CompletableFuture.failedFuture(Away.toOthers()) : serving.rooms(prefix, after, max);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void answer(Topic topic, Function<String, CompletionStage<String>> answerer) {
        Objects.requireNonNull(topics).answer(topic, answerer);
    }

    @Override
    public CompletionStage<Texts> ask(Topic topic, String question) {
        ClusterTopics serving = topics;
        return serving == null ? CompletableFuture.failedFuture(Away.toOthers()) : serving.ask(topic, question);
    }

    /** Several receivers of events. */
    private record Observers(List<Nodes.Observer> list) implements Nodes.Observer {
        @Override
        public void connected(Redis redis, Set<Integer> parts) {
            list.forEach(observer -> observer.connected(redis, parts));
        }

        @Override
        public void disconnected(Set<Integer> parts) {
            list.forEach(observer -> observer.disconnected(parts));
        }

        @Override
        public void received(String channel, byte[] message) {
            list.forEach(observer -> observer.received(channel, message));
        }
    }

    /** Handles a tick of the clock. Called by one thread at a time, about twice a second. */
    public void tick() {
        nodes.tick();
        users.tick();
        SharedRevocations shared = revocations;
        if (shared != null) {
            shared.tick();
        }
        MissedCommands kept = missed;
        if (kept != null) {
            kept.tick();
        }
        RedisLogs opened = logs;
        long now = time.nanos();
        if (opened != null && now - lastCheckNanos >= CHECK_NANOS) {
            lastCheckNanos = now;
            opened.check();
        }
    }

    /** Returns why rooms take no messages now, or this server may accept revoked tokens; null if all is well. */
    public @Nullable Problem problem() {
        Problem ofRooms = nodes.problem();
        SharedRevocations shared = revocations;
        Problem ofTokens = shared == null ? null : shared.problem();
        boolean isWorse = ofTokens != null && (ofRooms == null || (ofRooms.isPartial() && !ofTokens.isPartial()));
        return isWorse ? ofTokens : ofRooms;
    }

    /** Returns the number of parts of Redis that take no calls now. */
    public int partsAway() {
        return nodes.partsAway();
    }

    /** Returns how long the last probe took from this server through Redis and back, in nanoseconds. */
    @Override
    public long lagNanos() {
        return nodes.lagNanos();
    }

    /** Closes the connection, and ends its threads; blocks for two seconds at most. */
    @Override
    public void close() {
        nodes.close();
    }
}
