package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.SmallHeap;
import dev.tutti.document.LoadRefusedException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.StoreClock;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshot that are stored in pieces. */
class LargeDocumentTest {
    private static final int LARGE_BYTES = 6_000_000;

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final DamageLog damage = new DamageLog();

    @BeforeEach
    void register() {
        FaultyFiles.register();
    }

    private FileBackend open() {
        return new FileBackend(
                new StoreDirectory(directory, FaultyFiles.SCHEME),
                new StoreClock(System::currentTimeMillis, nanos::get),
                damage);
    }

    private static byte[] large(int seed) {
        byte[] content = new byte[LARGE_BYTES];
        new Random(seed).nextBytes(content);
        return content;
    }

    private List<byte[]> load(FileBackend writer) {
        return writer.load("a").stream().map(StoredUpdate::update).toList();
    }

    private static void tidyUp(FileBackend writer) {
        while (writer.maintain() != Backend.UNTIL_NEXT_COMMIT) {
            // a step has removed something
        }
    }

    /** Returns the number of pieces in the file, which must be closed. */
    private int pieces() {
        Volume volume = new Volume(directory.resolve("documents.mv").toString(), 0);
        try {
            return volume.pieces().map().size();
        } finally {
            volume.abandon();
        }
    }

    @Test
    void largestDocumentNeedsASmallHeap() throws Exception {
        SmallHeap.run(128, LargeDocuments.class, directory.toString(), "2");
    }

    @Test
    void refusedLoadReadsNoContent() {
        int count = 12; // the cache holds less than half of them
        FileBackend writer = open();
        for (int i = 0; i < count; i++) {
            writer.commit(List.of(Change.append("a", large(i))));
        }
        FaultyFiles.READ_BYTES.set(0);
        assertThatThrownBy(() -> writer.load("a", bytes -> bytes < LARGE_BYTES))
                .isInstanceOf(LoadRefusedException.class);
        assertThat(FaultyFiles.READ_BYTES).hasValueLessThan(LARGE_BYTES);
        List<StoredUpdate> rows = writer.load("a", bytes -> true);
        assertThat(rows).hasSize(count);
        assertThat(FaultyFiles.READ_BYTES).hasValueGreaterThan(3L * LARGE_BYTES);
        writer.close();
    }

    @Test
    void replacedAndDeletedPiecesAreRemoved() {
        FileBackend writer = open();
        writer.commit(List.of(Change.append("a", large(1))));
        writer.commit(List.of(Change.append("a", large(2))));
        writer.commit(List.of(Change.append("b", large(3)), Change.replace("c", large(4), Set.of())));
        Set<Long> ids = DocumentStoreContract.ids(writer.load("a"));
        Change state = Change.replace("a", large(5), ids);
        writer.commit(List.of(state));
        writer.commit(List.of(Change.replace("a", large(6), Set.of(state.id().orElseThrow()))));
        writer.commit(List.of(Change.delete("b"), Change.delete("c")));
        tidyUp(writer);
        assertThat(load(writer)).containsExactly(large(6));
        writer.close();
        assertThat(pieces()).isEqualTo(Pieces.count(LARGE_BYTES));
        assertThat(directory.resolve("documents.mv").toFile())
                .satisfies(file -> assertThat(file.length()).isLessThan(2 * LARGE_BYTES));
        assertThat(damage.all()).isEmpty();
    }

    @Test
    void piecesOfAFailedWriteAreRemoved() {
        FileBackend writer = open();
        writer.commit(List.of(Change.append("a", large(1))));
        FaultyFiles.room = LARGE_BYTES - 1_000_000;
        assertThatThrownBy(() -> writer.commit(List.of(Change.append("a", large(2)))))
                .hasMessageContaining("no space");
        FaultyFiles.register();
        nanos.addAndGet(3_000_000_000L);
        assertThat(load(writer)).containsExactly(large(1));
        writer.commit(List.of(Change.append("a", DocumentStoreContract.bytes("2"))));
        tidyUp(writer);
        assertThat(load(writer)).containsExactly(large(1), DocumentStoreContract.bytes("2"));
        writer.close();
        assertThat(pieces()).isEqualTo(Pieces.count(LARGE_BYTES));
        assertThat(damage.all()).isEmpty();
    }

    /** The crash comes between the pieces and their entry. */
    @Test
    void piecesWithoutEntryAreRemovedAfterACrash() {
        FileBackend writer = open();
        writer.commit(List.of(Change.append("a", large(1))));
        writer.close();
        Volume volume = new Volume(directory.resolve("documents.mv").toString(), 0);
        volume.entryWriter().stage("a", large(2), volume.lastSequence() + 1);
        volume.abandon();
        assertThat(pieces()).isGreaterThan(Pieces.count(LARGE_BYTES));
        FileBackend again = open();
        again.commit(List.of(Change.append("a", large(3))));
        tidyUp(again);
        assertThat(load(again)).containsExactly(large(1), large(3));
        again.close();
        assertThat(pieces()).isEqualTo(2 * Pieces.count(LARGE_BYTES));
        assertThat(damage.all()).isEmpty();
    }

    @Test
    void uncoveredRowsStayInPieces() {
        FileBackend writer = open();
        Change covered = Change.append("a", large(1));
        writer.commit(List.of(covered));
        writer.commit(List.of(Change.append("a", large(2))));
        Change state = Change.replace("a", large(3), Set.of(covered.id().orElseThrow()));
        writer.commit(List.of(state));
        assertThat(state.others()).hasSize(1);
        tidyUp(writer);
        assertThat(load(writer)).containsExactly(large(3), large(2));
        writer.close();
        assertThat(pieces()).isEqualTo(2 * Pieces.count(LARGE_BYTES));
    }

    @Test
    void salvageFindsPieces() throws Exception {
        FileBackend writer = open();
        writer.commit(List.of(Change.replace("a", large(1), Set.of())));
        writer.commit(List.of(Change.append("a", large(2))));
        writer.close();
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("documents.mv").toFile(), "rw")) {
            file.write(new byte[2 * 4096]); // the header
            file.seek(file.length() - 128); // and the footer of the last chunk
            file.write(new byte[128]);
        }
        FileBackend again = open();
        assertThat(load(again)).containsExactly(large(1), large(2));
        again.close();
        assertThat(directory.toFile().list((place, name) -> name.startsWith("documents.damaged-")))
                .hasSize(1);
        assertThat(damage.all()).noneMatch(damage -> damage.contains("document a "));
    }

    @Test
    void damagedPieceIsReported() throws Exception {
        FileBackend writer = open();
        writer.commit(List.of(Change.append("a", large(1))));
        writer.commit(List.of(Change.append("a", large(2))));
        writer.close();
        Path file = directory.resolve("documents.mv");
        byte[] bytes = Files.readAllBytes(file);
        byte[] content = large(2);
        int at = 0;
        while (!Arrays.equals(bytes, at, at + 16, content, 0, 16)) {
            at++;
        }
        bytes[at + 1_000] ^= 1;
        Files.write(file, bytes);
        FileBackend again = open();
        assertThat(load(again)).containsExactly(large(1));
        again.close();
        assertThat(damage.all()).contains("a part of document a is lost");
    }
}
