package dev.tutti.cluster;

import dev.tutti.cluster.Question.Answers;
import dev.tutti.cluster.ServerQuestions.Reception;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Problem;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Revocation;
import dev.tutti.security.Revocation.Kind;
import dev.tutti.security.Revocations;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the revocations of all servers in Redis, as long as a token may live. With each connection a server reads them, and adds those of its own that
 * Redis has lost, or has not got while it was away. Then it takes the rights of its clients anew, because it may have missed commands. Safe for any thread;
 * no method blocks.
 */
final class SharedRevocations {
    private static final Logger LOG = System.getLogger(SharedRevocations.class.getName());

    /** The question that tells other servers earlier revocations. */
    private static final String REVOKED = "revoked";

    /** Revocations that Redis keeps; in place of the earlier ones it keeps one of all tokens that were issued before them. */
    private static final int MAX = 10_000;

    /** Revocations of one message. */
    private static final int CHUNK = 100;

    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** Time between two attempts with the same reception. */
    private static final long RETRY_NANOS = 2_000_000_000L;

    /** The time in which a replica takes over, with the default of {@code cluster-node-timeout} and a reserve. */
    private static final long FAILOVER_NANOS = 30_000_000_000L;

    private final String key;
    private final ServerQuestions questions;
    private final Nodes nodes;
    private final ScriptCalls calls;
    private final Administration administration;
    private final Revocations revocations;
    private final long ageMillis;
    private final Executor executor;
    private final TimeSource time;

    // Guarded by this.
    /** The reception at which this server has read all revocations; null before it has. */
    private @Nullable Reception read;
    /** The reception at the last attempt; null before the first one. */
    private @Nullable Reception lastTried;

    private long lastTryNanos;
    /** When {@link #read} was the present reception last, as exact as the clock ticks. */
    private long lastKnownNanos;

    private boolean isTrying;
    /** Redis may lack a revocation of this server. */
    private boolean hasUnsent;

    /** @param age how long a revocation matters */
    SharedRevocations(
            String prefix,
            ServerQuestions questions,
            Nodes nodes,
            ScriptCalls calls,
            Administration administration,
            Revocations revocations,
            Duration age,
            Executor executor,
            TimeSource time) {
        this.key = nodes.serversPrefix(prefix) + ":revoked";
        this.questions = questions;
        this.nodes = nodes;
        this.calls = calls;
        this.administration = administration;
        this.revocations = revocations;
        this.ageMillis = age.toMillis();
        this.executor = executor;
        this.time = time;
        questions.handle(REVOKED, this::learn);
    }

    /** Handles the revocations that another server sends. */
    private CompletionStage<List<String>> learn(List<String> sent) {
        return revocations.merge(CommandFormat.revocations(sent))
                ? administration.closeRevoked().thenApply(count -> List.of())
                : CompletableFuture.completedFuture(List.of());
    }

    /** Returns a sender that also keeps revocations, in the same step. */
    ServerQuestions.Sender keeping(List<Revocation> kept) {
        return (redis, channel, message) -> {
            List<byte[]> arguments = new ArrayList<>();
            arguments.add(AppendCall.bytes(ageMillis));
            arguments.add(AppendCall.bytes(MAX));
            arguments.add(AppendCall.bytes(CommandFormat.ALL));
            arguments.add(AppendCall.bytes(channel));
            arguments.add(message);
            CommandFormat.encode(kept).forEach(text -> arguments.add(AppendCall.bytes(text)));
            return calls.run(redis, Script.REVOKE, List.of(key), arguments)
                    .thenApply(answer -> ScriptAnswers.number(answer.get(0)));
        };
    }

    /** A revocation has not reached Redis. */
    synchronized void notSent() {
        hasUnsent = true;
    }

    /**
     * Returns why this server might accept a revoked token; null if it refuses all of them. It is partial for the time in which a replica takes over: if
     * the master is away from all servers, none of them can acknowledge a revocation.
     */
    synchronized @Nullable Problem problem() {
        Reception present = questions.reception();
        if (present != null && present.equals(read)) {
            return null;
        }
        boolean isPartial = present == null && read != null && time.nanos() - lastKnownNanos < FAILOVER_NANOS;
        return new Problem("revocations are not read yet", isPartial);
    }

    /** Begins to read and to send missing revocations, after a new connection or a failure. */
    void tick() {
        Reception present = questions.reception();
        if (present == null) {
            return;
        }
        long now = time.nanos();
        synchronized (this) {
            boolean isRead = present.equals(read);
            if (isRead) {
                lastKnownNanos = now;
            }
            boolean isDue = !isRead || hasUnsent;
            if (isTrying || !isDue || (present.equals(lastTried) && now - lastTryNanos < RETRY_NANOS)) {
                return;
            }
            isTrying = true;
            hasUnsent = false;
            lastTried = present;
            lastTryNanos = now;
        }
        Redis redis = present.redis();
        var unused = calls.run(redis, Script.REVOKED, List.of(key), List.of(AppendCall.bytes(ageMillis)))
                .thenComposeAsync(answer -> compare(present, decode(answer)), executor)
                .whenComplete((done, failure) -> ended(redis, failure));
    }

    /** Leaves out revocations of another version: they must not keep the server from the others. */
    private static List<Revocation> decode(List<Object> answer) {
        List<String> values = answer.stream().map(ScriptAnswers::text).toList();
        List<Revocation> known = new ArrayList<>(values.size() / 2);
        int unknown = 0;
        for (int i = 0; i + 1 < values.size(); i += 2) {
            try {
                known.addAll(CommandFormat.revocations(values.subList(i, i + 2)));
            } catch (FormatException e) {
                unknown++;
            }
        }
        if (unknown > 0) {
            LOG.log(Level.WARNING, "Redis has {0} revocations that this version of Tutti does not understand", unknown);
        }
        return known;
    }

    private CompletionStage<?> compare(Reception at, List<Revocation> kept) {
        boolean isNew = revocations.merge(kept);
        boolean mayHaveMissed;
        synchronized (this) {
            mayHaveMissed = !at.equals(read);
            read = at;
            lastKnownNanos = time.nanos();
        }
        if (mayHaveMissed) {
            var unused = administration.recheckAll();
        } else if (isNew) {
            var unused = administration.closeRevoked();
        }
        return send(missing(kept));
    }

    /** Returns the revocations of this server that Redis lacks. */
    private List<Revocation> missing(List<Revocation> kept) {
        Map<List<Object>, Long> keptMillis = new HashMap<>();
        long from = time.millis() - ageMillis;
        for (Revocation revocation : kept) {
            long millis = CommandFormat.millis(revocation);
            keptMillis.put(List.of(revocation.kind(), revocation.name()), millis);
            if (revocation.kind() == Kind.ALL) {
                from = Math.max(from, millis);
            }
        }
        List<Revocation> missing = new ArrayList<>();
        for (Revocation own : revocations.list()) {
            long millis = CommandFormat.millis(own);
            if (millis > from && millis > keptMillis.getOrDefault(List.of(own.kind(), own.name()), 0L)) {
                missing.add(own);
            }
        }
        return missing;
    }

    private CompletionStage<?> send(List<Revocation> missing) {
        CompletionStage<@Nullable Answers> sent = CompletableFuture.completedFuture(null);
        for (int from = 0; from < missing.size(); from += CHUNK) {
            List<Revocation> some = missing.subList(from, Math.min(missing.size(), from + CHUNK));
            Question question = new Question(REVOKED, CommandFormat.encode(some));
            sent = sent.thenCompose(previous -> questions.ask(question, keeping(some), PATIENCE_NANOS));
        }
        return sent;
    }

    private void ended(Redis redis, @Nullable Throwable failure) {
        synchronized (this) {
            isTrying = false;
            hasUnsent |= failure != null;
        }
        if (failure != null && nodes.of(Nodes.SERVERS) == redis) {
            nodes.refused(Nodes.SERVERS, failure);
        }
    }
}
