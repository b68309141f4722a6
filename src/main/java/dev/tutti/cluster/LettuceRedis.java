package dev.tutti.cluster;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection of Lettuce. It speaks RESP3, in which one connection carries commands and messages, so that both have one order. It does not reconnect by
 * itself: Lettuce would repeat commands on a Redis that may have lost data.
 */
final class LettuceRedis implements Redis {
    private static final Pattern RUN_ID = Pattern.compile("(?m)^run_id:(\\w+)");
    private static final Pattern REPLICATION_ID = Pattern.compile("(?m)^master_replid:(\\w+)");
    private static final Pattern ROLE = Pattern.compile("(?m)^role:(\\w+)");

    private final StatefulRedisPubSubConnection<String, byte[]> connection;
    private final RedisPubSubAsyncCommands<String, byte[]> commands;
    private final LettuceMessaging messaging;
    private final LettuceRefusals refusals;
    private final Listener listener;
    private final Map<Script, String> digests = new ConcurrentHashMap<>();
    /** ScriptAnswers that have not arrived, by the number of the call. */
    private final Map<Long, CompletableFuture<?>> pending = new ConcurrentHashMap<>();

    private final AtomicLong calls = new AtomicLong();

    /** The channels. */
    private final Set<String> subscribed = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean ended = new AtomicBoolean();
    /** Written before the connection is handed out. */
    private String generation = "";

    private LettuceRedis(
            StatefulRedisPubSubConnection<String, byte[]> connection, LettuceMessaging messaging, Listener listener) {
        this.connection = connection;
        this.commands = connection.async();
        this.messaging = messaging;
        this.refusals = new LettuceRefusals(connection.getResources().eventExecutorGroup());
        this.listener = listener;
    }

    /**
     * Prepares a connection: loads the scripts, and asks for the generation.
     *
     * @param patience after which the connection is given up: nobody probes it before it is prepared
     */
    static CompletionStage<Redis> of(
            StatefulRedisPubSubConnection<String, byte[]> connection,
            LettuceMessaging messaging,
            Listener listener,
            Duration patience) {
        LettuceRedis redis = new LettuceRedis(connection, messaging, listener);
        connection.addListener(redis.new Messages());
        connection.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                redis.end();
            }
        });
        ScheduledFuture<?> timeout = connection
                .getResources()
                .eventExecutorGroup()
                .schedule(redis::end, patience.toMillis(), TimeUnit.MILLISECONDS);
        return redis.prepare()
                .handle((prepared, failure) -> {
                    timeout.cancel(false);
                    if (failure == null && connection.isOpen()) {
                        return CompletableFuture.<Redis>completedFuture(redis);
                    }
                    redis.close();
                    return CompletableFuture.<Redis>failedFuture(
                            failure == null ? new IllegalStateException("the connection has ended") : failure);
                })
                .thenCompose(Function.identity());
    }

    /** Receives the messages. */
    private final class Messages extends RedisPubSubAdapter<String, byte[]> {
        @Override
        public void message(String channel, byte[] message) {
            listener.received(channel, message);
        }

        @Override
        public void smessage(String channel, byte[] message) {
            listener.received(channel, message);
        }

        @Override
        public void sunsubscribed(String channel, long count) {
            if (subscribed.remove(channel)) { // Redis has ended it
                listener.unsubscribed(channel);
                listener.moved("");
            }
        }
    }

    private CompletionStage<?> prepare() {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (Script script : Script.values()) {
            all.add(pending(commands.scriptLoad(script.source(messaging.command())))
                    .thenAccept(digest -> digests.put(script, digest)));
        }
        all.add(readGeneration().thenAccept(read -> generation = read).toCompletableFuture());
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public String generation() {
        return generation;
    }

    @Override
    public CompletionStage<String> readGeneration() {
        return pending(commands.info()).thenApply(info -> {
            String role = find(ROLE, info);
            if (!role.equals("master")) {
                throw new IllegalStateException("this Redis is a " + role + ", which takes no writes");
            }
            return find(RUN_ID, info) + '/' + find(REPLICATION_ID, info);
        });
    }

    private static String find(Pattern pattern, String info) {
        Matcher matcher = pattern.matcher(info);
        if (!matcher.find()) {
            throw new FormatException("INFO has no " + pattern);
        }
        return matcher.group(1);
    }

    @Override
    public CompletionStage<List<Object>> run(Script script, List<String> keys, List<byte[]> arguments) {
        String[] names = keys.toArray(String[]::new);
        byte[][] values = arguments.toArray(byte[][]::new);
        return refusals.repeat(() -> evaluate(script, names, values));
    }

    private CompletionStage<List<Object>> evaluate(Script script, String[] keys, byte[][] arguments) {
        String digest = Objects.requireNonNull(digests.get(script));
        return this.<List<Object>>pending(commands.evalsha(digest, ScriptOutputType.MULTI, keys, arguments))
                .exceptionallyCompose(failure -> LettuceRefusals.code(failure).equals("NOSCRIPT")
                        ? pending(commands.eval(
                                script.source(messaging.command()), ScriptOutputType.MULTI, keys, arguments))
                        : CompletableFuture.failedFuture(failure));
    }

    @Override
    public CompletionStage<?> subscribe(String channel) {
        subscribed.add(channel);
        return pending(messaging.subscribe(commands, channel)).whenComplete((done, failure) -> {
            if (failure != null && (MovedException.is(failure) || LettuceRefusals.isTransient(failure))) {
                listener.unsubscribed(channel);
            }
        });
    }

    @Override
    public void unsubscribe(String channel) {
        subscribed.remove(channel);
        var unused = messaging.unsubscribe(commands, channel);
    }

    @Override
    public CompletionStage<Long> publish(String channel, byte[] message) {
        return pending(messaging.publish(commands, channel, message));
    }

    /** Returns a copy that also fails when the connection ends. */
    private <T> CompletableFuture<T> pending(CompletionStage<? extends T> answer) {
        CompletableFuture<T> copy = new CompletableFuture<>();
        Long call = calls.incrementAndGet();
        pending.put(call, copy);
        var unused = answer.whenComplete((value, failure) -> {
            pending.remove(call);
            String owner = failure == null ? null : LettuceRefusals.owner(failure);
            if (failure == null) {
                copy.complete(value);
            } else if (owner == null) {
                copy.completeExceptionally(failure);
            } else {
                listener.moved(owner);
                copy.completeExceptionally(new MovedException("another node of Redis has this part"));
            }
        });
        if (ended.get()) {
            fail(copy);
        }
        return copy;
    }

    @Override
    public void close() {
        end();
    }

    private void end() {
        if (ended.compareAndSet(false, true)) {
            var unused = connection.closeAsync();
            listener.ended(this);
            pending.values().forEach(LettuceRedis::fail);
            pending.clear();
        }
    }

    private static void fail(CompletableFuture<?> answer) {
        answer.completeExceptionally(new IllegalStateException("the connection to Redis has ended"));
    }

    @Override
    public String toString() {
        return "Redis " + generation;
    }
}
