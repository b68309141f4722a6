package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a document sends to one member alone: its greeting, replies to what it asks, and what it lacks after it was slow. Confined to the
 * document's run.
 *
 * <p>An answer may be as large as the document, so it reserves memory before it is encoded, and a member gets the next one when it has
 * read most of the last. Until then it waits; one that waits too long for memory is closed with 1013.
 */
final class SyncReplies {
    private static final Logger LOG = System.getLogger(SyncReplies.class.getName());

    /** How long an answer may wait for memory. */
    static final long PATIENCE_NANOS = 5_000_000_000L;

    /** A state vector has an entry for each client that ever wrote, so it is not made for each keystroke. */
    private static final int RUNS_A_STATE_VECTOR = 64;

    /** What a short reply takes. */
    static final int REPLY_BYTES = 128;

    /** Short replies that may wait for a member that does not read. */
    private static final int MAX_REPLIES = 1_000;

    private final Budget budget;
    private final DocumentAwareness awareness;
    private final Set<DocumentMember> waiting = new LinkedHashSet<>();

    private record Question(ByteBuffer stateVector, DocumentProtocol protocol) {}

    /** An answer, and how far the document went when it was made. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Answer(Batch batch, byte[] stateVector, long version) {}

    /** Large replies that may still be on their way. */
    private final Map<Question, Answer> shared = new HashMap<>();

    /** How often the document has changed. */
    private long version;

    /** How far the document went some runs ago. */
    private byte[] someStateVector = {0};

    private long runs;

    SyncReplies(Budget budget, DocumentAwareness awareness) {
        this.budget = budget;
        this.awareness = awareness;
    }

    /**
     * Notes up to where those have everything for whom nothing waits: an earlier point would do, too, so it is not looked up each time.
     * What is sent to them from here on may be dropped.
     */
    void beginRun(Set<DocumentMember> members, YDocument state) {
        if (runs++ % RUNS_A_STATE_VECTOR == 0) {
            someStateVector = state.stateVector();
        }
        for (DocumentMember member : members) {
            // in this order: who is idle again because it reads again was marked as behind before
            if (member.unconfirmed == 0 && member.client().isIdle() && !member.isBehind()) {
                member.stateVector = someStateVector;
            }
        }
    }

    /** Sends a member all that it waits for, as soon as there is room for it. */
    void serve(DocumentMember member, YDocument state, long nowNanos) {
        waiting.remove(member);
        if (!member.isWaiting()) {
            return;
        }
        if (!member.client().canAcceptReply()) {
            waiting.add(member); // its outbox limits how long
            return;
        }
        long bytes = isShared(member) ? 0 : Math.min(state.memoryBytes(), budget.limitBytes(Share.OUTPUT));
        if (!budget.tryReserve(Share.OUTPUT, bytes)) {
            waitForRoom(member, nowNanos);
            return;
        }
        member.roomlessSinceNanos = 0;
        try {
            List<Batch> batches;
            try {
                batches = encode(member, state);
            } finally {
                budget.release(Share.OUTPUT, bytes); // the outbox counts the batches themselves
            }
            batches.forEach(member.client()::answer);
        } catch (MalformedUpdateException e) {
            member.client().close(member.protocol().malformed(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, "an answer failed", e);
            member.client().closeFor(LimitBreach.MEMORY);
        }
    }

    /** The document has changed. */
    void changed() {
        version++;
    }

    /** Sends what waited and has room now. */
    void tick(YDocument state, long nowNanos) {
        List.copyOf(waiting).forEach(member -> serve(member, state, nowNanos));
    }

    /** Sends a member something short that it has asked for. */
    void reply(DocumentMember member, List<Frame> frames) {
        if (member.replies.isEmpty() && member.client().canAcceptReply()) {
            member.client().answer(frames);
        } else if (member.replies.size() + frames.size() > MAX_REPLIES) {
            member.client().closeFor(LimitBreach.ANSWERS);
        } else {
            member.replies.addAll(frames);
            waiting.add(member);
        }
    }

    /** Forgets a member that has left. */
    void forget(DocumentMember member) {
        waiting.remove(member);
    }

    /** Returns whether the clock has something to do here. */
    boolean isDue() {
        return !waiting.isEmpty();
    }

    private void waitForRoom(DocumentMember member, long nowNanos) {
        if (member.roomlessSinceNanos == 0) {
            member.roomlessSinceNanos = nowNanos == 0 ? 1 : nowNanos;
        }
        if (nowNanos - member.roomlessSinceNanos >= PATIENCE_NANOS) {
            member.client().closeFor(LimitBreach.MEMORY);
        } else {
            waiting.add(member);
        }
    }

    private List<Batch> encode(DocumentMember member, YDocument state) throws MalformedUpdateException {
        DocumentProtocol protocol = member.protocol();
        List<Frame> frames = new ArrayList<>(member.replies);
        List<Batch> batches = new ArrayList<>(2);
        member.replies.clear();
        if (member.isNew) {
            member.isNew = false;
            frames.addAll(protocol.greeting(state.stateVector()));
        }
        member.stored.forEach(ids -> frames.add(protocol.stored(state.encode(ids))));
        member.stored.clear();
        byte[] asked = member.asked;
        if (asked != null) {
            member.asked = null;
            Answer answer = answer(asked, protocol, state);
            batches.add(answer.batch);
            if (answer.version != version) {
                frames.add(protocol.update(state.diff(answer.stateVector)));
            }
            frames.addAll(protocol.afterSyncReply(state.stateVector()));
        }
        if (member.mayCatchUp()) {
            member.markUpToDate();
            awareness.introduce(member);
            byte[] known = member.stateVector;
            batches.add(Batch.answer(List.of(protocol.update(known == null ? state.encode() : state.diff(known)))));
            frames.add(protocol.awareness(awareness.encode()));
        }
        if (!frames.isEmpty()) {
            batches.add(Batch.answer(frames));
        }
        return batches;
    }

    private boolean isShared(DocumentMember member) {
        byte[] asked = member.asked;
        Answer answer = asked == null || member.mayCatchUp()
                ? null
                : shared.get(new Question(ByteBuffer.wrap(asked), member.protocol()));
        return answer != null && answer.batch.isHeld();
    }

    /** Returns the answer to a question, the one that is on its way to somebody else if there is one: it may be of an earlier version. */
    private Answer answer(byte[] asked, DocumentProtocol protocol, YDocument state) throws MalformedUpdateException {
        Question question = new Question(ByteBuffer.wrap(asked), protocol);
        Answer held = shared.get(question);
        if (held != null && held.batch.isHeld()) {
            return held;
        }
        byte[] lacking = state.diff(asked);
        Answer answer = new Answer(Batch.answer(List.of(protocol.syncReply(lacking))), state.stateVector(), version);
        if (answer.batch.isLarge()) {
            shared.values().removeIf(other -> !other.batch.isHeld());
            shared.put(question, answer);
        }
        return answer;
    }
}
