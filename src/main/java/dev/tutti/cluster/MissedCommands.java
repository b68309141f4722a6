package dev.tutti.cluster;

import dev.tutti.cluster.ServerQuestions.Reception;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Command;
import dev.tutti.hub.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps commands about connections in Redis for some minutes, and carries out those that this server has missed while it was away. Carrying out one
 * twice does no harm: it concerns only connections that were there before it. Safe for any thread; no method blocks.
 */
final class MissedCommands {
    private static final Logger LOG = System.getLogger(MissedCommands.class.getName());

    /** How long Redis keeps a command. */
    private static final long AGE_MILLIS = 600_000;

    /** Commands that Redis keeps. */
    private static final int MAX = 10_000;

    /** A connection may be cut so long before the server notices it. */
    private static final long UNNOTICED_MILLIS = 10_000;

    /** Time between two attempts with the same reception. */
    private static final long RETRY_NANOS = 2_000_000_000L;

    private final String key;
    private final ServerQuestions questions;
    private final ScriptCalls calls;
    private final Administration administration;
    private final Executor executor;
    private final TimeSource time;

    // Guarded by this.
    /** The reception at which this server has read the commands; null before it has. */
    private @Nullable Reception read;
    /** The reception at the last attempt; null before the first one. */
    private @Nullable Reception lastTried;

    private long lastTryNanos;
    /** All commands up to this time were received or read. */
    private long knownNanos;

    MissedCommands(
            String prefix,
            Nodes nodes,
            ServerQuestions questions,
            ScriptCalls calls,
            Administration administration,
            Executor executor,
            TimeSource time) {
        this.key = nodes.serversPrefix(prefix) + ":commands";
        this.questions = questions;
        this.calls = calls;
        this.administration = administration;
        this.executor = executor;
        this.time = time;
        this.knownNanos = time.nanos();
    }

    /** Returns a sender that keeps the command before it sends it: a server that returns meanwhile finds or receives it. */
    ServerQuestions.Sender keeping() {
        return (redis, channel, message) -> calls.run(
                        redis,
                        Script.KEEP,
                        List.of(key),
                        List.of(AppendCall.bytes(AGE_MILLIS), AppendCall.bytes(MAX), message))
                .thenCompose(kept -> redis.publish(channel, message));
    }

    /** Handles a tick of the clock: reads the commands when some may be missing. */
    void tick() {
        Reception present = questions.reception();
        if (present == null) {
            return;
        }
        long now = time.nanos();
        long awayMillis;
        synchronized (this) {
            if (present.equals(read)) {
                knownNanos = now;
                return;
            }
            if (present.equals(lastTried) && now - lastTryNanos < RETRY_NANOS) {
                return;
            }
            lastTried = present;
            lastTryNanos = now;
            awayMillis = (now - knownNanos) / 1_000_000 + UNNOTICED_MILLIS;
        }
        var unused = calls.run(present.redis(), Script.KEPT, List.of(key), List.of(AppendCall.bytes(awayMillis)))
                .whenCompleteAsync((kept, failure) -> read(present, now, kept, failure), executor);
    }

    private void read(Reception at, long nanos, @Nullable List<Object> kept, @Nullable Throwable failure) {
        if (kept == null || failure != null) {
            return; // the next tick tries again, or a new connection
        }
        synchronized (this) {
            if (at.equals(read)) {
                return;
            }
            read = at;
            knownNanos = nanos;
        }
        long now = time.nanos();
        int unknown = 0;
        CompletionStage<?> done = CompletableFuture.completedFuture(null);
        for (int i = 0; i + 1 < kept.size(); i += 2) {
            try {
                Command command = ClusterCommands.decode(
                        ServerMessage.decode(ScriptAnswers.bytes(kept.get(i))).values());
                long age = ScriptAnswers.number(ScriptAnswers.text(kept.get(i + 1))) * 1_000_000;
                done = done.handle((count, fault) -> null)
                        .thenCompose(previous -> administration.runMissed(command, now - age));
            } catch (FormatException e) {
                unknown++;
            }
        }
        if (unknown > 0) {
            LOG.log(Level.WARNING, "Redis has {0} commands that this version of Tutti does not understand", unknown);
        }
    }
}
