package dev.tutti.cluster;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLogs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The appends and the changes of members of one part. One round of calls is under way at a time, and waiting entries go into the next one (natural
 * batching). So the publications of a client keep their order, and come between its entering and its leaving. Safe for any thread; no method blocks.
 *
 * <p>Waiting drafts are bounded in bytes, for each room and by {@link Budget.Share#INPUT}. Without a connection only drafts wait whose publishers get no
 * answer; others fail at once.
 */
final class AppendQueue {
    /** Bytes after which a call takes no more: a script that runs for long delays all other rooms. */
    private static final int MAX_CALL_BYTES = 256 << 10;

    private static final int MAX_CALL_COUNT = 1_000;

    /** A draft that waits. */
    private record Append(RedisLog log, Draft draft, CompletableFuture<Position> stage) {}

    /** Carries out a call; fails if there is no connection. */
    interface Caller {
        CompletionStage<List<Object>> append(AppendCall call);

        /** Changes members by this connection; the stage does not fail. A change that is not made is found by the next read of the room. */
        CompletionStage<?> change(Redis at, MemberCall call);

        /** A call has failed although there is a connection. */
        void failed(int part, Throwable failure);
    }

    private final RoomLogs.Context context;
    private final Caller caller;
    private final Supplier<@Nullable Redis> connection;

    // Guarded by this.
    private final Deque<Append> waiting = new ArrayDeque<>();
    /** By room: the bytes of the drafts that wait. */
    private final Map<RedisLog, Long> waitingBytes = new HashMap<>();

    private final MemberChanges changes = new MemberChanges();
    /** A round is scheduled or under way. */
    private boolean isCalling;

    /** @param connection the present one; null while there is none */
    AppendQueue(RoomLogs.Context context, Caller caller, Supplier<@Nullable Redis> connection) {
        this.context = context;
        this.caller = caller;
        this.connection = connection;
    }

    /** As {@link dev.tutti.hub.RoomLog#append}. */
    CompletionStage<Position> add(RedisLog log, Draft draft) {
        CompletableFuture<Position> stage = new CompletableFuture<>();
        synchronized (this) {
            boolean isAway =
                    connection.get() == null; // read here: either this sees it, or disconnected() sees the draft
            if (isAway && draft.wantsPosition()) {
                return CompletableFuture.failedFuture(Away.toAppend());
            }
            reserve(log, draft.bytes());
            waiting.add(new Append(log, draft, stage));
            if (isCalling || isAway) {
                return stage;
            }
            isCalling = true;
        }
        context.executor().execute(this::call);
        return stage;
    }

    /** Changes a member; without a connection nothing happens, as the next one reads the room. */
    void change(RedisLog log, MembersUpdate.Change change) {
        synchronized (this) {
            if (connection.get() == null) {
                changes.remove(log, change.client()); // the next connection may be there before disconnected()
                return;
            }
            changes.add(log, change);
            if (isCalling) {
                return;
            }
            isCalling = true;
        }
        context.executor().execute(this::call);
    }

    private void reserve(RedisLog log, int bytes) {
        long held = waitingBytes.getOrDefault(log, 0L);
        long max = context.limits().maxRoomQueuedBytes();
        if (max != 0 && held + bytes > max) {
            throw new LimitException(LimitBreach.ROOM_QUEUE);
        }
        if (!context.budget().tryReserve(Budget.Share.INPUT, bytes, held)) {
            throw new LimitException(LimitBreach.MEMORY);
        }
        waitingBytes.put(log, held + bytes);
    }

    /** Called under this. */
    private void release(Append append) {
        int bytes = append.draft.bytes();
        context.budget().release(Budget.Share.INPUT, bytes);
        waitingBytes.computeIfPresent(append.log, (log, held) -> held == bytes ? null : held - bytes);
    }

    /** There is another connection: waiting drafts are appended; the rooms are read, and then put the members that are missing. */
    void connected() {
        synchronized (this) {
            changes.clear();
            if (isCalling || waiting.isEmpty()) {
                return;
            }
            isCalling = true;
        }
        context.executor().execute(this::call);
    }

    /** The connection has ended: publishers that wait for an answer get it. */
    void disconnected() {
        List<Append> failed = new ArrayList<>();
        synchronized (this) {
            changes.clear();
            waiting.removeIf(append -> {
                if (append.draft.wantsPosition()) {
                    failed.add(append);
                    release(append);
                    return true;
                }
                return false;
            });
        }
        failed.forEach(append -> append.stage.completeExceptionally(Away.toAppend()));
    }

    /** One round: members enter, then all publish, then members leave. Redis takes the calls in this order. */
    private void call() {
        List<Append> taken = new ArrayList<>();
        MemberCall entering = new MemberCall();
        MemberCall leaving = new MemberCall();
        Redis at;
        synchronized (this) {
            // changes go by this connection or not at all: the next one reads the rooms, and would not see them
            at = connection.get();
            if (at != null) {
                take(taken);
                entering = changes.takeEntering();
                leaving = changes.takeLeaving();
            }
            if (taken.isEmpty() && entering.isEmpty() && leaving.isEmpty()) {
                isCalling = false;
                return;
            }
        }
        CompletableFuture<?> entered = change(at, entering);
        CompletableFuture<?> appended = append(taken);
        CompletableFuture<?> left = change(at, leaving);
        // on a thread of the executor; the next round follows after a failure, too
        var unused = CompletableFuture.allOf(entered, appended, left).whenComplete((all, failure) -> call());
    }

    /** Called under this. */
    private void take(List<Append> taken) {
        int bytes = 0;
        while (!waiting.isEmpty() && bytes < MAX_CALL_BYTES && taken.size() < MAX_CALL_COUNT) {
            Append append = waiting.remove();
            bytes += append.draft.bytes();
            taken.add(append);
        }
    }

    private CompletableFuture<?> change(@Nullable Redis at, MemberCall call) {
        return at == null || call.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : caller.change(at, call)
                        .thenRunAsync(() -> {}, context.executor())
                        .toCompletableFuture();
    }

    private CompletableFuture<?> append(List<Append> taken) {
        if (taken.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        AppendCall call = new AppendCall();
        taken.forEach(append -> call.add(append.log, append.draft));
        return caller.append(call)
                .whenCompleteAsync((answer, failure) -> ended(taken, call, answer, failure), context.executor())
                .toCompletableFuture();
    }

    private void ended(
            List<Append> taken, AppendCall call, @Nullable List<Object> answer, @Nullable Throwable failure) {
        synchronized (this) {
            taken.forEach(this::release);
        }
        try {
            if (answer == null) {
                fail(taken, failure);
            } else {
                complete(taken, call.positions(answer));
            }
        } catch (RuntimeException e) {
            fail(taken, e);
        }
    }

    private void fail(List<Append> taken, @Nullable Throwable failure) {
        if (failure != null && connection.get() != null) {
            caller.failed(taken.get(0).log.keys().part(), failure);
        }
        taken.forEach(append -> append.stage.completeExceptionally(Away.toAppend()));
    }

    private static void complete(List<Append> taken, List<AppendCall.Result> results) {
        for (int i = 0; i < taken.size(); i++) {
            Append append = taken.get(i);
            AppendCall.Result result = results.get(i);
            if (result.isNew()) {
                append.log.appended(append.draft, result.position().offset());
            }
            append.stage.complete(append.draft.wantsPosition() ? result.position() : Position.UNKNOWN);
        }
    }
}
