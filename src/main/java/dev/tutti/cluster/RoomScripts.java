package dev.tutti.cluster;

import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLogs;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** The calls of Redis for rooms. Safe for any thread; no method blocks. */
final class RoomScripts {
    private static final Logger LOG = System.getLogger(RoomScripts.class.getName());

    /** Time between two lines of the log about parts that find themselves late. */
    private static final long WARN_NANOS = 10_000_000_000L;

    private final RoomLogs.Context context;
    private final Nodes nodes;
    private final ScriptCalls calls;
    private final LongSupplier clockShiftMillis;
    /** All open logs. */
    private final Collection<RedisLog> logs;

    private final ConcurrentMap<Redis, Attendance> attendances = new ConcurrentHashMap<>();
    private final AtomicLong warnedNanos;

    /** Connections by which a change of members was not made although they exist. */
    private final Set<Redis> failedAt = ConcurrentHashMap.newKeySet();

    RoomScripts(
            Nodes nodes,
            RoomLogs.Context context,
            ClusterMetrics metrics,
            LongSupplier clockShiftMillis,
            Collection<RedisLog> logs) {
        this.nodes = nodes;
        this.context = context;
        this.calls = new ScriptCalls(metrics, context.time());
        this.clockShiftMillis = clockShiftMillis;
        this.logs = logs;
        this.warnedNanos = new AtomicLong(context.time().nanos() - WARN_NANOS);
    }

    private CompletionStage<List<Object>> run(
            int part, Redis at, Script script, List<String> keys, List<byte[]> arguments) {
        Runnable carriedOut = nodes.calling(part, at);
        return calls.run(at, script, keys, arguments).thenApply(answer -> {
            carriedOut.run();
            return answer;
        });
    }

    /** There is a new connection: those that no part has any more are not needed. */
    void connected(Collection<Redis> used) {
        attendances.keySet().retainAll(used);
        failedAt.retainAll(used);
    }

    CompletionStage<List<Object>> append(Redis at, AppendCall call) {
        String generations = nodes.generations(call.part(), at);
        return run(
                call.part(), at, Script.APPEND, call.keys(), call.arguments(generations, clockShiftMillis.getAsLong()));
    }

    CompletionStage<?> change(Redis at, MemberCall call) {
        Attendance here = attendance(at);
        String generations = nodes.generations(call.part(), at);
        List<byte[]> arguments = call.arguments(generations, here.server(), clockShiftMillis.getAsLong());
        return run(call.part(), at, Script.MEMBER, call.keys(), arguments)
                .thenAccept(answer -> noteAttendance(here, call.part(), answer));
    }

    /** Redis has not made a change: after the next check this server has another id, and puts all its members in again. */
    void changeFailed(Redis at) {
        failedAt.add(at);
    }

    /** Reads the publications after the copy of a log, and the members. */
    CompletionStage<Retained> read(Redis at, RedisLog log) {
        Position known = log.position();
        List<byte[]> arguments = List.of(
                AppendCall.bytes(clockShiftMillis.getAsLong()),
                AppendCall.bytes(nodes.generations(log.keys().part(), at)),
                AppendCall.bytes(log.newEpoch()),
                AppendCall.bytes(known.epoch()),
                AppendCall.bytes(known.offset()),
                AppendCall.bytes(log.maxAgeMillis()),
                AppendCall.bytes(log.maxListed()),
                AppendCall.bytes(RedisLog.MAX_LIST_BYTES));
        String server = attendance(at).server();
        return run(log.keys().part(), at, Script.READ, log.keys().withMembers(), arguments)
                .thenApply(answer -> Retained.decode(answer, server));
    }

    CompletionStage<?> clear(Redis at, RoomKeys keys) {
        return run(keys.part(), at, Script.CLEAR, keys.all(), List.of(AppendCall.bytes(keys.channel())));
    }

    /** Checks some logs, whose parts have one connection, and shows that this server is alive. */
    void check(Redis at, Stream<RedisLog> some) {
        if (failedAt.remove(at)) {
            attendances.remove(at); // members that left stay with the earlier id, and are removed with it
            logs.forEach(log -> log.follower().doubt());
        }
        Attendance here = attendance(at);
        PositionCheck.of(some).forEach(check -> {
            List<byte[]> arguments = check.arguments(here.server(), clockShiftMillis.getAsLong());
            var unused = run(check.part(), at, Script.CHECK, check.keys(), arguments)
                    .thenAccept(answer -> {
                        noteAttendance(here, check.part(), answer);
                        check.answered(answer);
                    });
        });
    }

    private Attendance attendance(Redis at) {
        return attendances.computeIfAbsent(
                at, redis -> new Attendance(context.epochs().get()));
    }

    private void noteAttendance(Attendance here, int part, List<?> answer) {
        if (here.noteAndTestLate(part, ScriptAnswers.text(answer.get(0)))) {
            long now = context.time().nanos();
            long warned = warnedNanos.get();
            if (now - warned >= WARN_NANOS && warnedNanos.compareAndSet(warned, now)) {
                LOG.log(
                        Level.WARNING,
                        "this server, or Redis, was away for so long that others may have removed its members; it puts them in again");
            }
            logs.stream()
                    .filter(log -> log.keys().part() == part)
                    .forEach(log -> log.follower().doubt());
        }
    }
}
