package dev.tutti.store.queue;

import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.DocumentMove;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * A store with a queue of changes in front of a {@link Backend}. Safe for any thread.
 *
 * <p>One thread commits all waiting changes at once, and completes their stages after the commit. A few other threads read, and do not wait
 * for it. If a commit fails, as on a full disk, all its changes fail, the backend keeps its last commit, and the thread tries the next changes.
 */
public class QueuedStore implements DocumentStore {
    /** Number of threads that read. */
    public static final int READERS = 2;

    private static final int READER_KEEP_ALIVE_SECONDS = 30;

    /** Closing waits so long for the reads that have begun. */
    private static final int CLOSE_SECONDS = 2;

    /** The name of the document that {@link #probe} writes; it begins with a dot, so nobody else can open it. */
    private static final String PROBE = ".probe";

    private final Backend backend;
    private final GroupCommit writer;
    private final ExecutorService readers;

    /** Starts the threads; {@link #close} closes the backend, too. */
    protected QueuedStore(Backend backend, StoreClock clock) {
        this.backend = backend;
        writer = new GroupCommit(backend, clock.nanos());
        readers = readers();
    }

    /** Returns threads that end while there is nothing to read. */
    private static ExecutorService readers() {
        AtomicInteger number = new AtomicInteger();
        var pool = new ThreadPoolExecutor(
                READERS, READERS, READER_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "tutti-store-read-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name) {
        return read(() -> backend.load(name));
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
        return read(() -> backend.load(name, reserve));
    }

    @Override
    public CompletionStage<Long> append(String name, byte[] update) {
        return writer.add(Change.append(name, update))
                .thenApply(change -> change.id().orElseThrow());
    }

    @Override
    public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        return writer.add(Change.replace(name, state, covered)).thenApply(Change::replacement);
    }

    @Override
    public CompletionStage<Boolean> delete(String name) {
        return writer.add(Change.delete(name)).thenApply(Change::existed);
    }

    @Override
    public CompletionStage<DocumentMove.Result> move(DocumentMove move) {
        return writer.add(Change.move(move)).thenApply(Change::moved);
    }

    @Override
    public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
        return read(() -> backend.list(prefix, after, max));
    }

    /** Both changes wait at once, so that mostly one commit has both; a probe that a crash leaves behind ends with the next one. */
    @Override
    public CompletionStage<?> probe() {
        return CompletableFuture.allOf(writer.add(Change.append(PROBE, new byte[1])), writer.add(Change.delete(PROBE)));
    }

    @Override
    public void whenRowsMayBeMissed(Runnable action) {
        backend.whenRowsMayBeMissed(action);
    }

    @Override
    public void setMetrics(DocumentMetrics metrics) {
        writer.setMetrics(metrics);
    }

    @Override
    public long lagBytes() {
        return writer.waitingBytes();
    }

    @Override
    public long count() {
        return backend.count();
    }

    @Override
    public void close() {
        readers.shutdown();
        try {
            readers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.close();
    }

    private <T> CompletableFuture<T> read(Supplier<T> read) {
        try {
            return CompletableFuture.supplyAsync(read, readers);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new StoreException("the store is closed", e));
        }
    }
}
