package dev.tutti.document;

import dev.tutti.event.Events;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Limits;
import dev.tutti.hub.ReferenceCountedMap;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The live documents by name, and the parts that they share. Each member of a document holds a reference to it, and so does each request without
 * a connection until it is answered. Safe for any thread.
 *
 * <p>The first reference loads a document. Its run unloads it when no reference is left and all of it is stored.
 */
final class LiveDocuments {
    private static final Logger LOG = System.getLogger(Documents.class.getName());

    private final Limits limits;
    private final Budget budget;
    private final DocumentStore store;
    private final Executor executor;
    private final TimeSource time;
    private final Timer timer;
    private final Events events;
    private final DocumentMetrics metrics;
    private final StoreUsage storeUsage;
    private final UnversionedWork unversioned;
    /** Null if documents are this server's alone. */
    private final @Nullable DocumentRelay relay;
    /** A message of another server was not understood, and the log says so. */
    private final AtomicBoolean isRelayFaultLogged = new AtomicBoolean();

    private final ReferenceCountedMap<LiveDocument> live = new ReferenceCountedMap<>();
    /** Is notified when no document is live. */
    private final Object noneLive = new Object();

    /** Has no document yet; for the parameters see {@link Documents}. */
    LiveDocuments(
            Limits limits,
            Budget budget,
            DocumentStore store,
            Executor executor,
            TimeSource time,
            Timer timer,
            Events events,
            DocumentMetrics metrics,
            @Nullable DocumentRelay relay) {
        this.limits = limits;
        this.budget = budget;
        this.store = store;
        this.executor = executor;
        this.time = time;
        this.timer = timer;
        this.events = events;
        this.metrics = metrics;
        this.relay = relay;
        this.storeUsage = new StoreUsage(store, limits.maxDocuments(), budget);
        this.unversioned = new UnversionedWork(limits.versionMinutes());
        store.setMetrics(metrics);
        store.whenRowsMayBeMissed(() -> live.forEach(LiveDocument::readAgain));
    }

    /** Returns a live document with one more reference; starts its load if it was not live, and charges the opener for it. */
    LiveDocument acquire(String name, Budget.Quota opener) {
        boolean[] isNew = {false};
        LiveDocument document = live.acquire(name, key -> {
            isNew[0] = true;
            return new LiveDocument(this, key);
        });
        if (isNew[0]) {
            document.load(opener);
        }
        return document;
    }

    /** Adds a document with one reference, which the caller loads; returns null if it is live already. */
    @Nullable
    LiveDocument addUnlessLive(String name) {
        LiveDocument added = new LiveDocument(this, name);
        return live.putIfAbsent(name, added) ? added : null;
    }

    /** Releases references of a document; returns whether none is left. */
    boolean release(LiveDocument document, int count) {
        return live.release(document.name(), document, count);
    }

    /** Removes a document, all of which is stored, unless it has references again; returns whether it was removed. */
    boolean unload(LiveDocument document) {
        boolean isUnloaded = live.removeIdle(document.name(), document, idle -> true);
        if (isUnloaded) {
            notifyIfNoneLive();
        }
        return isUnloaded;
    }

    /** Removes a document that could not be loaded; the next client that opens it loads it again. */
    void loadFailed(LiveDocument document) {
        live.remove(document.name(), document);
        notifyIfNoneLive();
    }

    private void notifyIfNoneLive() {
        if (live.isEmpty()) {
            synchronized (noneLive) {
                noneLive.notifyAll();
            }
        }
    }

    /** Waits until no document is live, but no longer than {@code millis}; then logs the names of those that are. */
    void awaitNone(long millis) throws InterruptedException {
        long end = time.nanos() + millis * 1_000_000;
        synchronized (noneLive) {
            for (long left = millis; !live.isEmpty() && left > 0; left = (end - time.nanos()) / 1_000_000) {
                noneLive.wait(left);
            }
        }
        Set<String> lost = new TreeSet<>(live.names());
        if (!lost.isEmpty()) {
            LOG.log(Level.ERROR, "stopped before these documents were stored: {0}", lost);
        }
    }

    /** Handles a tick of the clock in each document. */
    void tick() {
        long nowNanos = time.nanos();
        live.forEach(document -> Faults.guard(LOG, "a tick of the clock failed", () -> document.tick(nowNanos)));
    }

    /** Calls an action for each document, under no lock. */
    void forEach(Consumer<? super LiveDocument> action) {
        live.forEach(action);
    }

    int count() {
        return live.size();
    }

    /** Returns the number of members of a document; 0 if it is not live. */
    int memberCount(String name) {
        LiveDocument document = live.get(name);
        return document == null ? 0 : document.memberCount();
    }

    @Nullable
    DocumentRelay relay() {
        return relay;
    }

    /** Returns the number of servers that have a document open; fails with an {@link UnavailableException} if that is not known. */
    static CompletionStage<Long> countCopies(String name, DocumentRelay relay) {
        return relay.send(name, new RelayMessage.Probe(relay.newOrigin()).encode())
                .handle((count, failure) -> {
                    if (failure != null) {
                        throw new UnavailableException("the other servers cannot be reached: try again");
                    }
                    return count;
                });
    }

    /** Returns true once. */
    boolean isFirstRelayFault() {
        return isRelayFaultLogged.compareAndSet(false, true);
    }

    StoreUsage storeUsage() {
        return storeUsage;
    }

    /** Returns the documents with changes that no version has. */
    UnversionedWork unversioned() {
        return unversioned;
    }

    Limits limits() {
        return limits;
    }

    Events events() {
        return events;
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

    DocumentMetrics metrics() {
        return metrics;
    }

    Budget budget() {
        return budget;
    }
}
