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
import org.jspecify.annotations.Nullable;

/**
 * The frames that a document sends to one member alone: its greeting, replies to its requests, acknowledgements of large updates, and the
 * difference that brings it up to date after it was slow. Confined to the document's run.
 *
 * <p>A reply may be as large as the document. It reserves memory before it is encoded, and a member receives the next reply when its client has
 * read most of the last one. Until then the reply waits; a member whose reply waits too long for memory is closed with 1013.
 */
final class SyncReplies {
    private static final Logger LOG = System.getLogger(SyncReplies.class.getName());

    /** Time that a reply may wait for memory. */
    static final long MAX_MEMORY_WAIT_NANOS = 5_000_000_000L;

    /** Runs between two state vectors for {@link CatchUp}: one has an entry for each client that ever wrote, too much for each keystroke. */
    private static final int RUNS_PER_STATE_VECTOR = 64;

    /** Memory that a short reply is charged for. */
    static final int REPLY_BYTES = 128;

    /** Short replies that may wait for a member that does not read. */
    private static final int MAX_REPLIES = 1_000;

    private final Budget budget;
    private final DocumentAwareness awareness;
    /** Members with replies that could not be sent. */
    private final Set<DocumentMember> waiting = new LinkedHashSet<>();

    private record RequestKey(ByteBuffer stateVector, DocumentProtocol protocol) {}

    /** A reply, with the state vector and the version of the document that it was made from. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record SharedReply(Batch batch, byte[] stateVector, long version) {}

    /** Large replies that an outbox may still hold. Mostly empty: then no state vector is hashed. */
    private final Map<RequestKey, SharedReply> shared = new HashMap<>();

    /** Number of changes of the document. */
    private long version;

    /** A state vector of the document, up to {@link #RUNS_PER_STATE_VECTOR} runs old. */
    private byte[] recentStateVector = {0};

    private long runs;

    SyncReplies(Budget budget, DocumentAwareness awareness) {
        this.budget = budget;
        this.awareness = awareness;
    }

    /** Begins a run: sets the base of all members that have received everything. */
    void beginRun(Set<DocumentMember> members, YDocument state) {
        if (runs++ % RUNS_PER_STATE_VECTOR == 0) {
            recentStateVector = state.stateVector();
        }
        for (DocumentMember member : members) {
            member.catchUp().offerBase(recentStateVector, member.client());
        }
    }

    /** Sends a member its waiting replies, if its client has read and there is memory; else later. */
    void serve(DocumentMember member, YDocument state, long nowNanos) {
        waiting.remove(member);
        if (!member.hasReplies()) {
            return;
        }
        if (!member.client().canReply()) {
            waiting.add(member); // the outbox limits how long
            return;
        }
        long bytes = findShared(member) != null ? 0 : Math.min(state.memoryBytes(), budget.limitBytes(Share.OUTPUT));
        if (!budget.tryReserve(Share.OUTPUT, bytes)) {
            waitForMemory(member, nowNanos);
            return;
        }
        member.memoryWaitNanos = 0;
        try {
            List<Batch> batches;
            try {
                batches = encode(member, state);
            } finally {
                budget.release(Share.OUTPUT, bytes); // the outbox reserves the batches themselves
            }
            batches.forEach(member.client()::reply);
        } catch (MalformedUpdateException e) {
            member.client().close(member.protocol().malformed(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, member.client().subject(), "a reply failed", e);
            member.client().closeFor(LimitBreach.MEMORY);
        }
    }

    /** The document has changed: replies that exist lack the change. */
    void documentChanged() {
        version++;
    }

    /** Sends replies that waited, if they can be sent now. */
    void tick(YDocument state, long nowNanos) {
        List.copyOf(waiting).forEach(member -> serve(member, state, nowNanos));
    }

    /** Sends a member short replies, or keeps them until its client has read. Too many close the client. */
    void reply(DocumentMember member, List<Frame> frames) {
        if (member.replies.isEmpty() && member.client().canReply()) {
            member.client().reply(frames);
        } else if (member.replies.size() + frames.size() > MAX_REPLIES) {
            member.client().closeFor(LimitBreach.REPLIES);
        } else {
            member.replies.addAll(frames);
            waiting.add(member);
        }
    }

    /** Forgets a member that has left. */
    void remove(DocumentMember member) {
        waiting.remove(member);
    }

    /** Returns whether {@link #tick} has work to do. */
    boolean isDue() {
        return !waiting.isEmpty();
    }

    private void waitForMemory(DocumentMember member, long nowNanos) {
        if (member.memoryWaitNanos == 0) {
            member.memoryWaitNanos = nowNanos == 0 ? 1 : nowNanos;
        }
        if (nowNanos - member.memoryWaitNanos >= MAX_MEMORY_WAIT_NANOS) {
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
        member.storedLarge.forEach(ids -> frames.add(protocol.stored(state.encode(ids))));
        member.storedLarge.clear();
        byte[] requested = member.requestedStateVector;
        if (requested != null) {
            member.requestedStateVector = null;
            SharedReply reply = syncReply(requested, protocol, state);
            batches.add(reply.batch);
            if (reply.version != version) {
                frames.add(protocol.update(state.diff(reply.stateVector)));
            }
            frames.addAll(protocol.afterSyncReply(state.stateVector()));
        }
        if (member.catchUp().isDue()) {
            member.catchUp().markUpToDate();
            batches.add(Batch.reply(List.of(protocol.update(member.catchUp().difference(state)))));
            if (member.hasPresence()) {
                awareness.introduce(member);
                frames.add(protocol.awareness(awareness.encode()));
            }
        }
        if (!frames.isEmpty()) {
            batches.add(Batch.reply(frames));
        }
        return batches;
    }

    /** Returns the reply to a member's request that is on its way to another member; null if it must be made. */
    private @Nullable SharedReply findShared(DocumentMember member) {
        byte[] requested = member.requestedStateVector;
        return requested == null || shared.isEmpty() || member.catchUp().isDue()
                ? null
                : findShared(key(requested, member.protocol()));
    }

    private @Nullable SharedReply findShared(RequestKey key) {
        SharedReply reply = shared.get(key);
        return reply != null && reply.batch.isHeld() ? reply : null;
    }

    private static RequestKey key(byte[] stateVector, DocumentProtocol protocol) {
        return new RequestKey(ByteBuffer.wrap(stateVector), protocol);
    }

    /** Returns the reply to a sync request, which may be of an earlier version if it is on its way to another member. */
    private SharedReply syncReply(byte[] requested, DocumentProtocol protocol, YDocument state)
            throws MalformedUpdateException {
        SharedReply held = shared.isEmpty() ? null : findShared(key(requested, protocol));
        if (held != null) {
            return held;
        }
        Batch batch = Batch.reply(List.of(protocol.syncReply(state.diff(requested))));
        SharedReply reply = new SharedReply(batch, state.stateVector(), version);
        shared.values().removeIf(other -> !other.batch.isHeld());
        if (batch.isLarge()) {
            shared.put(key(requested, protocol), reply);
        }
        return reply;
    }
}
