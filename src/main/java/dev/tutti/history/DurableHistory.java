package dev.tutti.history;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The histories of the rooms of one hub in a store of their own. Safe for any thread. */
public final class DurableHistory implements RoomLogs {
    private static final Logger LOG = System.getLogger(DurableHistory.class.getName());

    /** Rooms in a page of the list of all rooms. */
    private static final int PAGE = 256;

    /** Names after this one are those of rooms; the store's own begin with a dot. */
    private static final String BEFORE_ROOMS = "";

    private static final long SWEEP_NANOS = 3_600_000_000_000L;
    private static final long MILLIS_PER_DAY = 86_400_000L;

    private final DocumentStore store;
    private final long maxStoredBytes;
    private final long keptMillis;

    /** Set by {@link #in}. */
    private volatile @Nullable DurableLogs logs;

    private volatile @Nullable Context context;

    /** Confined to the clock. */
    private long sweptNanos;

    private volatile boolean isSweeping;

    /**
     * Opens nothing yet.
     *
     * @param store of these histories alone; {@link #close} closes it
     * @param maxStoredBytes of all rooms together in the store; 0 for no limit
     * @param days after which a room that nobody publishes in is removed from the store; 0 for never
     */
    public DurableHistory(DocumentStore store, long maxStoredBytes, int days) {
        this.store = store;
        this.maxStoredBytes = maxStoredBytes;
        this.keptMillis = days * MILLIS_PER_DAY;
    }

    /**
     * Begins to use the store; called once. Blocks.
     *
     * @throws StoreException if the store fails
     */
    @Override
    public boolean outliveTheServer() {
        return true;
    }

    @Override
    public RoomLog.Factory in(Context hub) {
        Generation generation = Generation.begin(store, hub.epochs().get());
        DurableLogs opened = new DurableLogs(store, hub, generation, storedBytes(), maxStoredBytes);
        sweptNanos = hub.time().nanos();
        context = hub;
        logs = opened;
        store.whenRowsMayBeMissed(() -> checkGeneration(opened));
        return opened;
    }

    /** Notes whether another server has used the store while this one had lost its lock. */
    private static void checkGeneration(DurableLogs opened) {
        var unused = opened.generation().isCurrent().thenAccept(isCurrent -> {
            if (!isCurrent) {
                LOG.log(Level.ERROR, "another server has used the stored histories of rooms: restart this one");
                opened.disturb();
            }
        });
    }

    private long storedBytes() {
        long bytes = 0;
        String after = BEFORE_ROOMS;
        try {
            List<StoredDocument> page;
            do {
                page = store.list("", after, PAGE).toCompletableFuture().join();
                for (StoredDocument room : page) {
                    bytes += room.bytes();
                    after = room.name();
                }
            } while (!page.isEmpty());
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException cause ? cause : e;
        }
        return bytes;
    }

    /** Tries the store; see {@link DocumentStore#probe}. Fails if another server has used it. */
    public CompletionStage<?> probe() {
        DurableLogs opened = logs;
        return store.probe().thenRun(() -> {
            if (opened != null) {
                opened.requireUndisturbed();
            }
        });
    }

    /** Handles a tick of the clock: removes rooms that nobody has published in for long. Called by one thread at a time. */
    public void tick() {
        Context hub = context;
        DurableLogs opened = logs;
        if (hub == null || opened == null || keptMillis == 0 || isSweeping) {
            return;
        }
        long now = hub.time().nanos();
        if (now - sweptNanos >= SWEEP_NANOS) {
            sweptNanos = now;
            isSweeping = true;
            var unused = sweep(opened, BEFORE_ROOMS, hub.time().millis() - keptMillis)
                    .whenComplete((done, failure) -> {
                        isSweeping = false;
                        if (failure != null) {
                            LOG.log(Level.DEBUG, "old rooms are removed later", failure);
                        }
                    });
        }
    }

    /** Removes the rooms that were changed before a time, page by page. */
    private CompletionStage<?> sweep(DurableLogs opened, String after, long beforeMillis) {
        return store.list("", after, PAGE).thenCompose(page -> {
            if (page.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            CompletableFuture<?>[] removals = page.stream()
                    .filter(room ->
                            room.changedMillis() < beforeMillis && !room.name().startsWith("."))
                    .map(room -> opened.remove(room.name(), room.bytes()).toCompletableFuture())
                    .toArray(CompletableFuture<?>[]::new);
            String last = page.get(page.size() - 1).name();
            return CompletableFuture.allOf(removals).thenCompose(done -> sweep(opened, last, beforeMillis));
        });
    }

    /**
     * Waits until everything is stored, and closes the store. The hub has closed all clients.
     *
     * @param millis for which it waits at most
     */
    public void close(long millis) throws InterruptedException {
        DurableLogs opened = logs;
        try (store) {
            if (opened != null) {
                opened.whenStored().get(millis, TimeUnit.MILLISECONDS);
                opened.generation().endClean();
            }
        } catch (ExecutionException | TimeoutException | StoreException e) {
            LOG.log(Level.WARNING, "the last publications of rooms may not be stored; none of them is acknowledged", e);
        }
    }
}
