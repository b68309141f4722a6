package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.RoomEvent;
import dev.tutti.hub.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All documents: those that somebody has open, which are <i>live</i>, and those that lie in the store. Safe for any thread; whoever made it
 * calls {@link #tick} about once a second.
 *
 * <p>A document is live until the last who had it open has left and all of it is stored, so what is loaded is always all there is.
 */
public final class Documents {
    /** What a client has to be connected with: it is in no rooms, and is not closed for being slow. */
    public static final Protocol PROTOCOL = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent notice) {
            return null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }

        @Override
        public boolean supportsCatchUp() {
            return true;
        }
    };

    /**
     * How long those are taken to be there whose connection broke: a stock client reconnects within 2.5 seconds, keeps its clock, and
     * would not be seen for up to 15 seconds if it had been taken for gone.
     */
    static final long GRACE_NANOS = 4_000_000_000L;

    private static final Logger LOG = System.getLogger(Documents.class.getName());

    /**
     * How far a document is stored.
     *
     * @param stateVector up to where, as Yjs encodes it; it says nothing of deletes
     * @param isComplete whether all is stored that has come, deletes too
     * @param failure why the store does not take what has come, for people; null if it does
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    public record Stored(
            byte[] stateVector,
            boolean isComplete,
            @Nullable String failure) {}

    /**
     * A document in a list.
     *
     * @param bytes how many the store keeps of it
     * @param changedMillis when an update of it was last stored, in milliseconds since 1970
     * @param openCount how many have it open
     */
    public record Listed(String name, long bytes, long changedMillis, int openCount) {}

    /** What became of a wish to delete a document. */
    public enum Deletion {
        DELETED,
        /** There is none of this name. */
        UNKNOWN,
        /** Somebody has it open, or did just now. */
        OPEN
    }

    private final Limits limits;
    private final Budget budget;
    private final DocumentStore store;
    private final Executor executor;
    private final TimeSource time;
    private final Timer timer;
    private final ConcurrentMap<String, LiveDocument> live = new ConcurrentHashMap<>();
    /** What the store keeps in memory, as the budget counts it. */
    private final AtomicLong storeBytes = new AtomicLong();
    /** Documents that have begun, and of which nothing is stored yet. */
    private final AtomicLong beginning = new AtomicLong();

    /**
     * Opens no document yet.
     *
     * @param budget bounds what documents keep
     * @param executor runs documents; must not run a task inside {@code execute}
     * @param timer for runs that wait
     */
    public Documents(
            Limits limits, Budget budget, DocumentStore store, Executor executor, TimeSource time, Timer timer) {
        this.limits = limits;
        this.budget = budget;
        this.store = store;
        this.executor = executor;
        this.time = time;
        this.timer = timer;
        store.whenRowsMayBeMissed(() -> live.values().forEach(LiveDocument::readAgain));
    }

    /**
     * Opens a document for a client, which receives its first frame once the document is loaded.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param readOnly whether the document ignores the client's updates
     */
    public DocumentMember open(String name, Client client, DocumentProtocol protocol, boolean readOnly) {
        LiveDocument document = acquire(name, client.quota());
        DocumentMember member = new DocumentMember(document, client, protocol, readOnly);
        document.open(member);
        return member;
    }

    /** Returns a document that is live, with one more occupant; it is loaded if it has to be, for an address. */
    private LiveDocument acquire(String name, Budget.Quota quota) {
        boolean[] isNew = {false};
        LiveDocument document = live.compute(name, (key, present) -> {
            LiveDocument open = present == null ? new LiveDocument(this, name) : present;
            isNew[0] = present == null;
            open.references++;
            return open;
        });
        if (isNew[0]) {
            document.load(quota);
        }
        return document;
    }

    /**
     * Returns how far a document is stored.
     *
     * @param name as {@link dev.tutti.hub.RoomName#isValid} wants it
     * @return fails with a {@link StoreException} if it cannot be loaded
     */
    public CompletionStage<Stored> stored(String name) {
        CompletableFuture<Stored> answer = new CompletableFuture<>();
        acquire(name, budget.quota("")).ask(answer);
        return answer;
    }

    /**
     * Returns what documents are stored, in the order of their names.
     *
     * @param prefix with which their names begin; empty for all
     * @param after the name before the first; empty to begin with the first
     * @param max how many at most
     */
    public CompletionStage<List<Listed>> list(String prefix, String after, int max) {
        return store.list(prefix, after, max)
                .thenApply(stored -> stored.stream()
                        .map(one -> new Listed(one.name(), one.bytes(), one.changedMillis(), openCount(one.name())))
                        .toList());
    }

    private int openCount(String name) {
        LiveDocument document = live.get(name);
        return document == null ? 0 : document.openCount();
    }

    /**
     * Deletes a document that nobody has open. Who opens it meanwhile finds it empty.
     *
     * @param name as {@link dev.tutti.hub.RoomName#isValid} wants it
     * @return fails with a {@link StoreException} if the store cannot
     */
    public CompletionStage<Deletion> delete(String name) {
        LiveDocument deleted = new LiveDocument(this, name);
        deleted.references = 1;
        if (live.putIfAbsent(name, deleted) != null) {
            return CompletableFuture.completedFuture(Deletion.OPEN);
        }
        CompletionStage<Boolean> deletion = store.delete(name);
        deleted.beginWith(deletion.thenApply(existed -> List.of()));
        deleted.ask(new CompletableFuture<>()); // and so is put away when nobody has opened it
        return deletion.thenApply(existed -> existed ? Deletion.DELETED : Deletion.UNKNOWN);
    }

    /** Returns how many documents are live. */
    public int count() {
        return live.size();
    }

    /** Does what is due by the clock, for every document. */
    public void tick() {
        live.values().forEach(document -> guard(document::tick));
    }

    /** One that fails must not keep the clock from the others. */
    private static void guard(Runnable tick) {
        try {
            tick.run();
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, "a tick of the clock failed", e);
        }
    }

    /**
     * Waits until no document is live, which is when all have left and all is stored, but no longer than {@code millis}; then closes the
     * store.
     */
    public void close(long millis) throws InterruptedException {
        long end = time.nanos() + millis * 1_000_000;
        synchronized (live) {
            for (long left = millis; !live.isEmpty() && left > 0; left = (end - time.nanos()) / 1_000_000) {
                live.wait(left);
            }
        }
        Set<String> lost = new TreeSet<>(live.keySet());
        if (!lost.isEmpty()) {
            LOG.log(Level.ERROR, "stopped before these documents were stored: {0}", lost);
        }
        store.close();
    }

    /** Some have left; a live document that nobody has open is put away once all of it is stored. Called in its run. */
    void release(LiveDocument document, int count, long nowNanos) {
        if (count == 0 && !document.isDeserted) {
            return;
        }
        live.computeIfPresent(document.name(), (name, present) -> {
            document.references -= count;
            document.isDeserted = document.references == 0;
            return present;
        });
        if (!document.isDeserted || !document.mayRest(nowNanos)) {
            return;
        }
        boolean[] rests = {false};
        live.computeIfPresent(document.name(), (name, present) -> {
            rests[0] = document.references == 0;
            return rests[0] ? null : present;
        });
        if (rests[0]) {
            document.isDeserted = false; // what may still come is a tick
            document.putAway();
            noteEmpty();
        }
    }

    private void noteEmpty() {
        if (live.isEmpty()) {
            synchronized (live) {
                live.notifyAll();
            }
        }
    }

    /** Counts what the store itself keeps in memory. */
    void countStore() {
        long now = store.memoryBytes();
        budget.reserve(Budget.Share.DOCUMENTS, now - storeBytes.getAndSet(now));
    }

    /** Returns whether one more document may begin. */
    boolean mayBegin() {
        int max = limits.maxDocuments();
        return max == 0 || store.count() + beginning.get() < max;
    }

    /** So many more documents have begun that are not stored yet, or fewer. */
    void addBeginning(int count) {
        beginning.addAndGet(count);
    }

    /** A document cannot be opened: whoever comes next tries anew. */
    void failed(LiveDocument document) {
        live.remove(document.name(), document);
        noteEmpty();
    }

    Limits limits() {
        return limits;
    }

    DocumentStore store() {
        return store;
    }

    Executor executor() {
        return executor;
    }

    TimeSource time() {
        return time;
    }

    Timer timer() {
        return timer;
    }

    Budget budget() {
        return budget;
    }
}
