package dev.tutti.cluster;

import dev.tutti.hub.Draft;
import dev.tutti.hub.Mailbox;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
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
                Nodes.Observer,
                Mailbox.Owner<RedisLogs.Event> {
    private static final Logger LOG = System.getLogger(RedisLogs.class.getName());

    sealed interface Event {}

    private record Connected(Redis redis, Set<Integer> parts) implements Event {}

    private record Disconnected(Set<Integer> parts) implements Event {}

    private record Read(RedisLog log) implements Event {}

    private record Closed(RedisLog log) implements Event {}

    private record Clear(RedisLog log, CompletableFuture<@Nullable Void> done) implements Event {}

    private record Check() implements Event {}

    private final String prefix;
    private final Nodes nodes;
    private final RoomLogs.Context context;
    private final ClusterMetrics metrics;
    private final RoomScripts scripts;
    private final Mailbox<Event> mailbox;
    private final AppendQueue[] queues = new AppendQueue[RoomKeys.PARTS];

    /** By channel. */
    private final ConcurrentMap<String, RedisLog> logs = new ConcurrentHashMap<>();
    /** A message that this version does not understand has been logged. */
    private final AtomicBoolean isLogged = new AtomicBoolean();

    /** Confined to the run. */
    private final PartConnections connections;

    RedisLogs(
            String prefix,
            Nodes nodes,
            RoomLogs.Context context,
            ClusterMetrics metrics,
            LongSupplier clockShiftMillis) {
        this.prefix = prefix;
        this.nodes = nodes;
        this.context = context;
        this.metrics = metrics;
        this.connections = new PartConnections(nodes);
        this.scripts = new RoomScripts(nodes, context, metrics, clockShiftMillis, logs.values());
        this.mailbox = new Mailbox<>("the cluster", this, context.executor(), context.time(), context.budget(), 0);
        for (int part = 0; part < queues.length; part++) {
            int of = part;
            queues[part] = new AppendQueue(context, this, () -> nodes.of(of));
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
    public boolean isConnected(RedisLog log) {
        return nodes.of(log.keys().part()) != null;
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
    public void connected(Redis opened, Set<Integer> parts) {
        post(new Connected(opened, parts));
    }

    @Override
    public void disconnected(Set<Integer> parts) {
        post(new Disconnected(parts));
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
        Redis present = nodes.of(call.part());
        return present == null
                ? CompletableFuture.failedFuture(Away.toAppend())
                : nodes.follow(call.part(), present, at -> scripts.append(at, call)); // later calls wait for this one
    }

    @Override
    public CompletionStage<?> change(Redis at, MemberCall call) {
        return scripts.change(at, call).exceptionally(failure -> {
            if (MovedException.is(failure)) {
                call.logs()
                        .forEach(log ->
                                log.follower().doubt()); // the part may come back before another connection has it
            } else if (nodes.of(call.part()) == at) { // otherwise the next connection reads the rooms
                nodes.refused(call.part(), failure);
                scripts.changeFailed(at);
            }
            return null;
        });
    }

    @Override
    public void failed(int part, Throwable failure) {
        nodes.refused(part, failure);
    }

    @Override
    public int bytesOf(Event event) {
        return 0;
    }

    @Override
    public void handle(Event event) {
        if (event instanceof Connected connected) {
            connect(connected);
        } else if (event instanceof Disconnected disconnected) {
            disconnect(disconnected.parts);
        } else if (event instanceof Read read) {
            follow(read.log);
        } else if (event instanceof Closed closed) {
            close(closed.log.keys());
        } else if (event instanceof Clear clear) {
            clear(connections.of(clear.log.keys().part()), clear);
        } else if (event instanceof Check) {
            connections.followed(logs.values()).forEach((redis, some) -> scripts.check(redis, some.stream()));
        }
    }

    private void connect(Connected event) {
        connections.replace(event.parts, event.redis);
        queues(event.parts).forEach(AppendQueue::connected);
        scripts.connected(connections.all());
        logs(event.parts).forEach(log -> {
            log.follower().disconnected(); // from an earlier connection
            log.follower().connected();
        });
    }

    private void disconnect(Set<Integer> parts) {
        connections.replace(parts, null);
        queues(parts).forEach(AppendQueue::disconnected);
        logs(parts).forEach(log -> log.follower().disconnected());
    }

    private Stream<AppendQueue> queues(Set<Integer> parts) {
        return parts.stream().filter(part -> part < queues.length).map(part -> queues[part]);
    }

    private Stream<RedisLog> logs(Set<Integer> parts) {
        return logs.values().stream().filter(log -> parts.contains(log.keys().part()));
    }

    private void follow(RedisLog log) {
        Redis from = connections.of(log.keys().part());
        if (from == null) {
            log.follower().disconnected();
            return;
        }
        connections.subscribe(log.keys().part(), log.keys().channel());
        long reading = log.follower().reading();
        var unused = scripts.read(from, log)
                .thenAccept(retained -> log.follower().read(retained, reading))
                .exceptionally(failure -> {
                    if (nodes.of(log.keys().part()) == from) { // otherwise the log learns it as another connection
                        refused(log, failure);
                    }
                    return null;
                });
    }

    private void refused(RedisLog log, Throwable failure) {
        nodes.refused(log.keys().part(), failure);
        log.readRefused();
        if (MovedException.is(failure)) {
            log.follower().doubt(); // the part may come back before another connection has it
        }
    }

    private void close(RoomKeys keys) {
        if (!logs.containsKey(keys.channel())) { // it was not opened again
            connections.unsubscribe(keys.part(), keys.channel());
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
