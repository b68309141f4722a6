package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.StoreClock;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The purge removes tombstones, and deleted documents do not come back, even from a damaged file. */
class PurgeTest {
    private static final int DELETED = 1_500;
    private static final int KEPT = 60;
    private static final int MAX_STEPS = 10_000;

    @TempDir
    Path directory;

    private final DamageLog damage = new DamageLog();
    private final AtomicLong millis = new AtomicLong(5_000);

    private FileBackend open() {
        return new FileBackend(
                new StoreDirectory(directory, ""), new StoreClock(millis::get, System::nanoTime), damage);
    }

    private static String name(int document) {
        return "kept-" + document;
    }

    /** Returns the updates of a kept document: some have a state, some updates, some both. */
    private static List<String> kept(int document) {
        return IntStream.rangeClosed(0, document % 4)
                .mapToObj(i -> name(document) + "/" + i)
                .toList();
    }

    private void write(FileBackend writer) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < DELETED; i++) {
            changes.add(Change.append("deleted-" + i, DocumentStoreContract.bytes("gone")));
        }
        for (int document = 0; document < KEPT; document++) {
            for (String update : kept(document)) {
                byte[] bytes = DocumentStoreContract.bytes(update);
                boolean isState = document % 3 == 0 && update.endsWith("/0");
                changes.add(
                        isState
                                ? Change.replace(name(document), bytes, Set.of())
                                : Change.append(name(document), bytes));
            }
        }
        writer.commit(changes);
        millis.set(6_000);
        writer.commit(IntStream.range(0, DELETED)
                .mapToObj(i -> Change.delete("deleted-" + i))
                .toList());
    }

    private void tidyUp(FileBackend writer) {
        for (int i = 0; i < MAX_STEPS; i++) {
            if (writer.maintain() == Backend.UNTIL_NEXT_COMMIT) {
                return;
            }
        }
        throw new AssertionError("housekeeping does not end");
    }

    private void requireKept(FileBackend writer) {
        List<StoredDocument> listed = writer.list("", "", 2 * DELETED);
        assertThat(listed).hasSize(KEPT);
        for (int document = 0; document < KEPT; document++) {
            String name = name(document);
            List<StoredUpdate> rows = writer.load(name);
            assertThat(DocumentStoreContract.texts(rows)).containsExactlyElementsOf(kept(document));
        }
    }

    /** Returns the number of tombstones in the file of a directory, which must be closed. */
    static long tombstones(Path directory) {
        Volume volume = new Volume(directory.resolve("documents.mv").toString(), 0);
        try {
            return volume.tombstones().sizeAsLong();
        } finally {
            volume.abandon();
        }
    }

    @Test
    void tombstonesArePurgedAndTimesKept() {
        FileBackend writer = open();
        write(writer);
        tidyUp(writer);
        requireKept(writer);
        List<StoredDocument> listed = writer.list("", "", KEPT);
        assertThat(listed).allMatch(document -> document.changedMillis() == 5_000);
        writer.close();
        assertThat(tombstones(directory)).isZero();
        writer = open();
        requireKept(writer);
        writer.close();
        assertThat(damage.all()).isEmpty();
    }

    @Test
    void salvageRestoresNoDeletedDocument() throws Exception {
        FileBackend writer = open();
        write(writer);
        tidyUp(writer);
        writer.close();
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("documents.mv").toFile(), "rw")) {
            file.write(new byte[2 * 4096]); // the header
            file.setLength(file.length() - 4096); // and the footer of the last chunk
        }
        writer = open();
        requireKept(writer);
        writer.close();
        assertThat(directory.toFile().list((place, name) -> name.startsWith("documents.damaged-")))
                .hasSize(1);
    }
}
