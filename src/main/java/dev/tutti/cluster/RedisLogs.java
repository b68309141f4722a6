package dev.tutti.cluster;

import dev.tutti.hub.Draft;
import dev.tutti.hub.Mailbox;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The open logs of a server, and their calls of Redis. Safe for any thread; no method blocks.
 *
 * <p>The run of a mailbox owns the subscriptions. It subscribes to the channel of a room before it reads the room: so nothing is missing between the
 * answer and the first message.
 */
final class RedisLogs
        implements RoomLog.Factory,
                RedisLog.Requests,
                AppendQueue.Caller,
                ClusterConnection.Observer,
                Mailbox.Owner<RedisLogs.Event> {
    private static final Logger LOG = System.getLogger(RedisLogs.class.getName());

    sealed interface Event {}

    private record Connected(Redis redis) implements Event {}

    private record Disconnected() implements Event {}

    private record Read(RedisLog log) implements Event {}

    private record Closed(RedisLog log) implements Event {}

    private record Clear(RedisLog log, CompletableFuture<@Nullable Void> done) implements Event {}

    private record Check() implements Event {}

    private final String prefix;
    private final ClusterConnection connection;
    private final RoomLogs.Context context;
    private final ClusterMetrics metrics;
    private final RoomScripts scripts;
    private final Mailbox<Event> mailbox;
    private final AppendQueue[] queues = new AppendQueue[RoomKeys.PARTS];

    /** By channel. */
    private final ConcurrentMap<String, RedisLog> logs = new ConcurrentHashMap<>();
    /** A message that this version does not understand has been logged. */
    private final AtomicBoolean isLogged = new AtomicBoolean();

    // Confined to the run.
    private @Nullable Redis redis;
    private final Set<String> subscribed = new HashSet<>();

    RedisLogs(
            String prefix,
            ClusterConnection connection,
            RoomLogs.Context context,
            ClusterMetrics metrics,
            LongSupplier clockShiftMillis) {
        this.prefix = prefix;
        this.connection = connection;
        this.context = context;
        this.metrics = metrics;
        this.scripts = new RoomScripts(context, metrics, clockShiftMillis, logs.values());
        this.mailbox = new Mailbox<>("the cluster", this, context.executor(), context.time(), context.budget(), 0);
        for (int part = 0; part < queues.length; part++) {
            queues[part] = new AppendQueue(context, this, connection::current);
        }
    }

    @Override
    public boolean needsPreparation() {
        return true;
    }

    @Override
    public RoomLog open(String room, RoomLog.Subscriber subscriber) {
        RoomKeys keys = RoomKeys.of(prefix, room);
        RedisLog log = new RedisLog(room, keys, context, metrics, this, subscriber);
        logs.put(log.keys().channel(), log);
        return log;
    }

    @Override
    public boolean isConnected() {
        return connection.current() != null;
    }

    @Override
    public void read(RedisLog log) {
        post(new Read(log));
    }

    @Override
    public CompletionStage<Position> append(RedisLog log, Draft draft) {
        return queues[log.keys().part()].add(log, draft);
    }

    @Override
    public void change(RedisLog log, MembersUpdate.Change change) {
        queues[log.keys().part()].change(log, change);
    }

    @Override
    public CompletionStage<?> clear(RedisLog log) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        post(new Clear(log, done));
        return done;
    }

    @Override
    public void closed(RedisLog log) {
        if (logs.remove(log.keys().channel(), log)) {
            post(new Closed(log));
        }
    }

    @Override
    public void connected(Redis opened) {
        post(new Connected(opened));
    }

    @Override
    public void disconnected() {
        post(new Disconnected());
    }

    /** Compares the positions of all rooms with those of Redis: a room may have missed its last publications. */
    void check() {
        post(new Check());
    }

    private void post(Event event) {
        if (mailbox.offer(event) == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
    }

    @Override
    public void received(String channel, byte[] message) {
        RedisLog log = logs.get(channel);
        if (log != null) {
            try {
                log.follower().received(RoomMessage.decode(message));
            } catch (FormatException e) {
                if (!isLogged.getAndSet(true)) { // there may be many, while another version runs
                    LOG.log(
                            Level.WARNING,
                            "another version of Tutti, or something else, writes to this Redis: {0}",
                            e.getMessage());
                }
            }
        }
    }

    @Override
    public CompletionStage<List<Object>> append(AppendCall call) {
        Redis present = connection.current();
        return present == null ? CompletableFuture.failedFuture(Away.toAppend()) : scripts.append(present, call);
    }

    @Override
    public CompletionStage<?> change(Redis at, MemberCall call) {
        return scripts.change(at, call).exceptionally(failure -> {
            if (connection.current() == at) { // otherwise the next connection reads the rooms
                connection.refused(failure);
                scripts.changeFailed();
            }
            return null;
        });
    }

    @Override
    public void failed(Throwable failure) {
        connection.refused(failure);
    }

    @Override
    public int bytesOf(Event event) {
        return 0;
    }

    @Override
    public void handle(Event event) {
        if (event instanceof Connected connected) {
            redis = connected.redis;
            subscribed.clear();
            scripts.connected(connected.redis);
            for (AppendQueue queue : queues) {
                queue.connected();
            }
            logs.values().forEach(log -> log.follower().connected());
        } else if (event instanceof Disconnected) {
            redis = null;
            for (AppendQueue queue : queues) {
                queue.disconnected();
            }
            logs.values().forEach(log -> log.follower().disconnected());
        } else if (event instanceof Read read) {
            read(redis, read.log);
        } else if (event instanceof Closed closed) {
            unsubscribe(redis, closed.log);
        } else if (event instanceof Clear clear) {
            clear(redis, clear);
        } else if (event instanceof Check && redis != null) {
            scripts.check(
                    redis,
                    logs.values().stream()
                            .filter(log -> subscribed.contains(log.keys().channel())));
        }
    }

    private void read(@Nullable Redis from, RedisLog log) {
        if (from == null) {
            log.follower().disconnected();
            return;
        }
        if (subscribed.add(log.keys().channel())) {
            from.subscribe(log.keys().channel());
        }
        var unused = scripts.read(from, log)
                .thenAccept(retained -> log.follower().read(retained))
                .exceptionally(failure -> {
                    if (connection.current() == from) { // otherwise the log learns it as a disconnection
                        connection.refused(failure);
                        log.readRefused();
                    }
                    return null;
                });
    }

    private void unsubscribe(@Nullable Redis from, RedisLog log) {
        String channel = log.keys().channel();
        if (!logs.containsKey(channel) && subscribed.remove(channel) && from != null) {
            from.unsubscribe(log.keys().channel());
        }
    }

    private void clear(@Nullable Redis at, Clear clear) {
        if (at == null) {
            clear.done.completeExceptionally(Away.toAppend());
            return;
        }
        var unused = scripts.clear(at, clear.log.keys())
                .whenCompleteAsync(
                        (answer, failure) -> {
                            if (failure == null) {
                                clear.done.complete(null);
                            } else {
                                clear.done.completeExceptionally(Away.toAppend());
                            }
                        },
                        context.executor());
    }
}
