package dev.tutti.store.file;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.GroupCommit;
import java.nio.file.Path;
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
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/**
 * Keeps documents in a directory, of one process at a time. Safe for any thread.
 *
 * <p>A thread writes, all that waits in one commit, and says so when it is on the disk; a few others read, and do not wait for it. When
 * writing fails, as on a full disk, what could not be written has failed, the store goes back to what was on the disk before, and later
 * writes are tried again. What a damaged file has lost is said in the log and in {@link #damages}.
 */
public final class FileStore implements DocumentStore {
    /** How many read at once. */
    public static final int READERS = 2;

    private static final int READER_KEEP_SECONDS = 30;

    /** How long what is being read is waited for. */
    private static final int CLOSE_SECONDS = 2;

    private final Damages damages = new Damages();
    private final FileWriter file;
    private final GroupCommit writer;
    private final ExecutorService readers;

    /**
     * Opens the documents of a directory, which is made if it is missing. Reads them all once, so that what is damaged is known from the
     * start.
     *
     * @throws StoreException if another process has it open, or nothing can be read or written there
     */
    public FileStore(Path directory) {
        this(directory, "", System::currentTimeMillis, System::nanoTime);
    }

    /**
     * As above.
     *
     * @param scheme what comes before the names of files, for MVStore: which file system to use
     * @param clockMillis tells milliseconds since 1970
     * @param nanoTime tells nanoseconds from any origin, for durations
     */
    FileStore(Path directory, String scheme, LongSupplier clockMillis, LongSupplier nanoTime) {
        file = new FileWriter(new StoreDirectory(directory, scheme), clockMillis, nanoTime, damages);
        writer = new GroupCommit(file, "tutti-store-write", nanoTime);
        readers = readers("tutti-store-read-");
    }

    /** Returns threads that end when there is nothing to read. */
    public static ExecutorService readers(String prefix) {
        AtomicInteger number = new AtomicInteger();
        var pool = new ThreadPoolExecutor(
                READERS, READERS, READER_KEEP_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, prefix + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name) {
        return read(contents -> contents.load(name, damages));
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
        return read(contents -> contents.load(name, reserve, damages));
    }

    @Override
    public CompletionStage<Long> append(String name, byte[] update) {
        return writer.add(Change.append(name, update)).thenApply(change -> change.id.orElseThrow());
    }

    @Override
    public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        return writer.add(Change.replace(name, state, covered)).thenApply(Change::replacement);
    }

    @Override
    public CompletionStage<Boolean> delete(String name) {
        return writer.add(Change.delete(name)).thenApply(change -> change.found);
    }

    @Override
    public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
        return read(contents -> contents.list(prefix, after, max));
    }

    @Override
    public long count() {
        return file.count();
    }

    /** Returns what was found to be lost since this was opened, in words, the first some hundreds. */
    public List<String> damages() {
        return damages.all();
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

    private <T> CompletableFuture<T> read(Function<Contents, T> reader) {
        try {
            return CompletableFuture.supplyAsync(() -> file.read(reader), readers);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new StoreException("the store is closed", e));
        }
    }
}
