package dev.tutti.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.StoredDocument;
import dev.tutti.store.DocumentStoreContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads and lists while states replace documents: each sees the state after one commit. */
class FileStoreReadersTest {
    /** Number of loads, and a hundred times that of lists; a million takes some minutes. */
    private static final int LOADS = Integer.getInteger("tutti.loads", 20_000);

    private static final int DOCUMENTS = 40;
    private static final int READERS = 4;
    private static final int STATE_BYTES = 1_000;
    /** Length of the first document's states, which are stored in pieces. */
    private static final int LARGE_BYTES = 300_000;

    private static final int UPDATE_BYTES = 10;

    @TempDir
    Path directory;

    private FileStore store;
    private final AtomicIntegerArray started = new AtomicIntegerArray(DOCUMENTS);
    private final AtomicIntegerArray stored = new AtomicIntegerArray(DOCUMENTS);
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void open() {
        store = new FileStore(directory);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static String name(int document) {
        return "doc-" + document;
    }

    /** Writes update i, whose text is i; every third is a state, which replaces all before it. */
    private CompletableFuture<Void> write(int document, int number) {
        started.set(document, number);
        boolean isState = number % 3 == 0;
        int length = !isState ? UPDATE_BYTES : document == 0 ? LARGE_BYTES : STATE_BYTES;
        String text = String.format("%-" + length + "d", number);
        var write = isState
                ? DocumentStoreContract.replaceAll(store, name(document), DocumentStoreContract.bytes(text))
                : store.append(name(document), DocumentStoreContract.bytes(text));
        return write.toCompletableFuture().thenCompose(done -> {
            stored.set(document, number);
            return stop.get() ? CompletableFuture.completedFuture(null) : writeLater(document, number + 1);
        });
    }

    private CompletableFuture<Void> writeLater(int document, int number) {
        return CompletableFuture.completedFuture(null).thenComposeAsync(done -> write(document, number));
    }

    private void load(int document) {
        int least = stored.get(document);
        List<Integer> found = DocumentStoreContract.updates(store, name(document)).stream()
                .map(update -> Integer.parseInt(new String(update, UTF_8).trim()))
                .toList();
        int most = started.get(document);
        boolean isRight = !found.isEmpty() && found.get(0) % 3 == 0;
        for (int i = 1; i < found.size(); i++) {
            isRight &= found.get(i) == found.get(0) + i;
        }
        isRight &= found.size() <= 3;
        isRight = isRight && found.get(found.size() - 1) >= least && found.get(found.size() - 1) <= most;
        if (!isRight) {
            wrong.add(found + " of " + name(document) + " between " + least + " and " + most);
        }
    }

    private void list() {
        List<StoredDocument> listed = DocumentStoreContract.await(store.list("", "", 2 * DOCUMENTS));
        boolean isRight = listed.size() == DOCUMENTS
                && listed.stream()
                        .mapToLong(document ->
                                document.bytes() - (document.name().equals(name(0)) ? LARGE_BYTES : STATE_BYTES))
                        .allMatch(updateBytes -> updateBytes >= 0 && updateBytes <= 2 * UPDATE_BYTES);
        if (!isRight) {
            wrong.add("list " + listed);
        }
    }

    @Test
    void loadDuringReplaceSeesOneCommit() throws Exception {
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int document = 0; document < DOCUMENTS; document++) {
            writers.add(write(document, 0));
        }
        for (int document = 0; document < DOCUMENTS; document++) {
            while (stored.get(document) < 3) {
                Thread.onSpinWait();
            }
        }
        List<Thread> readers = new ArrayList<>();
        for (int reader = 0; reader < READERS; reader++) {
            int first = reader;
            Thread thread = new Thread(() -> {
                for (int i = first; i < LOADS; i += READERS) {
                    load(i % DOCUMENTS);
                    if (i % 100 == 0) {
                        list();
                    }
                }
            });
            thread.start();
            readers.add(thread);
        }
        for (Thread reader : readers) {
            reader.join();
        }
        stop.set(true);
        writers.forEach(DocumentStoreContract::await);
        int writes = 0;
        for (int document = 0; document < DOCUMENTS; document++) {
            writes += stored.get(document) + 1;
        }
        System.out.printf(
                "%,d loads during %,d writes, a third of them replaces: %d wrong%n", LOADS, writes, wrong.size());
        assertThat(wrong).isEmpty();
        assertThat(store.damage()).isEmpty();
    }
}
