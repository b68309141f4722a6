package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoredDocument;
import dev.tutti.store.file.FileStore;
import dev.tutti.store.postgres.PostgresServer;
import dev.tutti.store.postgres.PostgresStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Measures the stores of documents: durable appends a second and their latency, with writers that wait for each acknowledgement; the disk,
 * memory and opening time of many small documents; the size of a document with many edits before and after it is folded.
 *
 * <p>{@code mvn -P bench test-compile exec:exec@store -Dstore.args="DIRECTORY"}, with a directory on the disk to measure. A second argument
 * measures only that many small documents.
 */
final class StoreBenchmark {
    private static final int SECONDS = 5;
    private static final int UPDATE_BYTES = 60;
    private static final int SMALL_DOCUMENTS = 100_000;
    private static final int SMALL_BYTES = 500;
    private static final int EDITS = 200_000;

    private static final Executor WRITERS = new ForkJoinPool(2);

    private StoreBenchmark() {}

    /** Prints the results. */
    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "bench");
        try {
            if (args.length > 1) {
                smallDocuments(directory.resolve("small"), Integer.parseInt(args[1]));
            } else {
                all(directory);
            }
        } finally {
            delete(directory);
        }
    }

    private static void all(Path directory) throws Exception {
        for (int writers : new int[] {1, 50, 500}) {
            try (DocumentStore store = new FileStore(directory.resolve("file-" + writers))) {
                appends("file", store, writers);
            }
        }
        smallDocuments(directory.resolve("small"), SMALL_DOCUMENTS);
        edits(directory.resolve("edits"));
        try (PostgresServer server = new PostgresServer(directory)) {
            for (int writers : new int[] {1, 50, 500}) {
                try (DocumentStore store = new PostgresStore(server.url(), "", "")) {
                    appends("postgres", store, writers);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    private static void appends(String kind, DocumentStore store, int writers) {
        run(store, writers, TimeUnit.SECONDS.toNanos(2)); // warm-up
        long[] nanos = run(store, writers, TimeUnit.SECONDS.toNanos(SECONDS));
        Arrays.sort(nanos);
        System.out.printf(
                "%s, %d writers: %,d appends/s, p50 %.2f ms, p99 %.2f ms%n",
                kind,
                writers,
                nanos.length / SECONDS,
                nanos[nanos.length / 2] / 1e6,
                nanos[(int) (nanos.length * 0.99)] / 1e6);
    }

    /** Runs writers, each with a document of its own that it folds every 200 updates. Returns the nanoseconds of each write. */
    private static long[] run(DocumentStore store, int writers, long runNanos) {
        long until = System.nanoTime() + runNanos;
        List<Long> all = new ArrayList<>();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            next(store, "doc-" + i, new AtomicInteger(i), until, all, end);
        }
        ends.forEach(CompletableFuture::join);
        synchronized (all) {
            return all.stream().mapToLong(nanos -> nanos).toArray();
        }
    }

    private static void next(
            DocumentStore store,
            String name,
            AtomicInteger count,
            long until,
            List<Long> all,
            CompletableFuture<Void> end) {
        long started = System.nanoTime();
        if (started - until > 0) {
            end.complete(null);
            return;
        }
        CompletionStage<?> done = count.incrementAndGet() % 200 == 0
                ? DocumentStoreContract.replaceAll(store, name, new byte[10_000])
                : store.append(name, new byte[UPDATE_BYTES]);
        var unused = done.whenCompleteAsync(
                (nothing, failure) -> {
                    if (failure != null) {
                        end.completeExceptionally(failure);
                        return;
                    }
                    synchronized (all) {
                        all.add(System.nanoTime() - started);
                    }
                    next(store, name, count, until, all, end);
                },
                WRITERS); // on two processors, the common pool would start a thread for each
    }

    /** Half of the documents have an update, half a state. */
    private static void smallDocuments(Path directory, int count) throws Exception {
        Random random = new Random(1);
        try (FileStore store = new FileStore(directory)) {
            List<CompletableFuture<?>> writes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] update = new byte[SMALL_BYTES];
                random.nextBytes(update);
                String name = "document-" + i;
                var write = i % 2 == 0 ? store.append(name, update) : store.replace(name, update, Set.of());
                writes.add(write.toCompletableFuture());
                if (writes.size() == 1_000) {
                    writes.forEach(CompletableFuture::join);
                    writes.clear();
                }
            }
            writes.forEach(CompletableFuture::join);
        }
        long before = usedBytes();
        long started = System.nanoTime();
        try (FileStore store = new FileStore(directory)) {
            long opened = System.nanoTime() - started;
            long heap = usedBytes() - before;
            List<StoredDocument> listed = DocumentStoreContract.await(store.list("", "", count));
            System.out.printf(
                    "%,d documents of %d bytes: %d bytes of file each, opened in %d ms, %.1f MB of heap%n",
                    listed.size(),
                    SMALL_BYTES,
                    Files.size(directory.resolve("documents.mv")) / count,
                    TimeUnit.NANOSECONDS.toMillis(opened),
                    heap / 1e6);
        }
    }

    private static void edits(Path directory) throws Exception {
        Path file = directory.resolve("documents.mv");
        byte[] state = new byte[900_000];
        new Random(2).nextBytes(state);
        try (FileStore store = new FileStore(directory)) {
            List<CompletableFuture<?>> writes = new ArrayList<>();
            for (int i = 0; i < EDITS; i++) {
                writes.add(store.append("edited", new byte[30]).toCompletableFuture());
                if (writes.size() == 1_000) {
                    writes.forEach(CompletableFuture::join);
                    writes.clear();
                }
            }
            long before = Files.size(file);
            DocumentStoreContract.replaceAll(store, "edited", state)
                    .toCompletableFuture()
                    .join();
            long started = System.nanoTime();
            while (Files.size(file) > 1.1 * state.length && System.nanoTime() - started < 60_000_000_000L) {
                Thread.onSpinWait();
            }
            System.out.printf(
                    "%,d edits: %,d bytes of file; as a state of %,d bytes: %,d bytes %d ms later%n",
                    EDITS,
                    before,
                    state.length,
                    Files.size(file),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
        }
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
