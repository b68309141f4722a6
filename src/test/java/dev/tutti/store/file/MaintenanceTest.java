package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.StoreClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The work of maintenance is in proportion to what was written, and ends. The clock is the test's, so the tests count bytes and syncs. */
class MaintenanceTest {
    private static final long MILLI = 1_000_000;
    private static final long HOUR_MILLIS = 3_600_000;

    /** The simulated disk writes 100 MB a second. */
    private static final long NANOS_FOR_A_BYTE = 10;

    @TempDir
    Path directory;

    private final DamageLog damage = new DamageLog();
    private final Random random = new Random(3);
    private FileBackend writer;

    /** The time apart from that of the disk. */
    private long passedNanos;
    /** Time of the next step of maintenance. */
    private long dueNanos;

    private long committedBytes;
    private long maintenanceBytes;
    private long maintenanceSyncs;
    private int steps;
    private long busyNanos;
    private long pausedNanos;

    @BeforeEach
    void open() {
        FaultyFiles.register();
        writer = new FileBackend(
                new StoreDirectory(directory, FaultyFiles.SCHEME), new StoreClock(() -> 5_000, this::nanos), damage);
    }

    @AfterEach
    void close() {
        writer.close();
        assertThat(damage.all()).isEmpty();
    }

    private long nanos() {
        return passedNanos + NANOS_FOR_A_BYTE * FaultyFiles.WRITTEN_BYTES.get();
    }

    private void commit(List<Change> changes) {
        long before = FaultyFiles.WRITTEN_BYTES.get();
        writer.commit(changes);
        committedBytes += FaultyFiles.WRITTEN_BYTES.get() - before;
        dueNanos = nanos();
    }

    private void commit(Change change) {
        commit(List.of(change));
    }

    /** Lets time pass with maintenance whenever it is due, as the writer's thread does. */
    private void pass(long millis) {
        long end = nanos() + millis * MILLI;
        while (dueNanos <= end) {
            passedNanos += Math.max(0, dueNanos - nanos());
            long startNanos = nanos();
            long bytes = FaultyFiles.WRITTEN_BYTES.get();
            long syncs = FaultyFiles.SYNCS.get();
            long waitMillis = writer.maintain();
            steps++;
            maintenanceBytes += FaultyFiles.WRITTEN_BYTES.get() - bytes;
            maintenanceSyncs += FaultyFiles.SYNCS.get() - syncs;
            boolean isSettled = waitMillis == Backend.UNTIL_NEXT_COMMIT;
            busyNanos += nanos() - startNanos;
            pausedNanos += isSettled ? 0 : waitMillis * MILLI;
            dueNanos = isSettled ? Long.MAX_VALUE : nanos() + waitMillis * MILLI;
        }
        passedNanos += Math.max(0, end - nanos());
    }

    private boolean isSettled() {
        return dueNanos == Long.MAX_VALUE;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private long fileBytes() throws Exception {
        return Files.size(directory.resolve("documents.mv"));
    }

    /** Writes documents in large groups. */
    private void write(int documents, int length) {
        for (int first = 0; first < documents; first += 100) {
            commit(IntStream.range(first, first + 100)
                    .mapToObj(i -> Change.append("doc-" + i, bytes(length)))
                    .toList());
        }
    }

    private void writeAndDelete(int documents) {
        for (Change.Kind kind : List.of(Change.Kind.APPEND, Change.Kind.DELETE)) {
            commit(IntStream.range(0, documents)
                    .mapToObj(i -> kind == Change.Kind.APPEND
                            ? Change.append("deleted-" + i, bytes(10))
                            : Change.delete("deleted-" + i))
                    .toList());
        }
    }

    @Test
    void typingInASmallDocumentNeedsFewSyncs() {
        Set<Long> rows = new HashSet<>();
        for (int i = 0; i < 600; i++) {
            boolean isState = i % 40 == 39;
            Change change =
                    isState ? Change.replace("a", bytes(1_000), Set.copyOf(rows)) : Change.append("a", bytes(50));
            commit(change);
            if (isState) {
                rows.clear();
            }
            rows.add(change.id().orElseThrow());
            pass(1_000);
        }
        assertThat(maintenanceBytes).isLessThan(2 * committedBytes + (2 << 20));
        assertThat(maintenanceSyncs).isLessThan(3 * 600);
    }

    @Test
    void typingBesideManyDocumentsMovesFewOfThem() throws Exception {
        write(5_000, 2_000);
        pass(HOUR_MILLIS);
        for (int i = 0; i < 600; i++) {
            commit(Change.append("doc-" + random.nextInt(5_000), bytes(50)));
            pass(1_000);
        }
        assertThat(maintenanceBytes).isLessThan(2 * committedBytes + fileBytes());
    }

    @Test
    void busyWriterRemovesGarbage() throws Exception {
        List<Change> group = new ArrayList<>();
        Set<Long> rows = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            group.clear();
            for (int update = 0; update < 1_000; update++) {
                group.add(Change.append("a", bytes(50)));
            }
            commit(group);
            group.forEach(append -> rows.add(append.id().orElseThrow()));
            Change state = Change.replace("a", bytes(1_000), Set.copyOf(rows));
            commit(state);
            rows.clear();
            rows.add(state.id().orElseThrow());
            pass(5);
        }
        assertThat(fileBytes()).isLessThan(16 << 20);
        assertThat(maintenanceBytes).isZero();
    }

    @Test
    void freedSpaceIsGivenBackInBoundedWork() throws Exception {
        write(5_000, 2_000);
        pass(HOUR_MILLIS);
        for (int i = 0; i < 4_900; i++) {
            commit(Change.delete("doc-" + i));
            pass(5);
        }
        assertThat(fileBytes()).isGreaterThan(10 << 20);
        pass(HOUR_MILLIS);
        assertThat(fileBytes()).isLessThan(2 << 20);
        assertThat(maintenanceBytes).isLessThan(2 * committedBytes);
        assertThat(isSettled()).isTrue();
    }

    @Test
    void purgeWritesAFewTimesTheFile() throws Exception {
        write(1_000, 5_000);
        writeAndDelete(2_000);
        long written = fileBytes();
        pass(HOUR_MILLIS);
        assertThat(isSettled()).isTrue();
        assertThat(maintenanceBytes).isBetween(5_000_000L, 8 * written);
        assertThat(fileBytes()).isLessThan(6_000_000);
        writer.close();
        assertThat(PurgeTest.tombstones(directory)).isZero();
        open();
    }

    @Test
    void fewTombstonesDoNotRewriteALargeFile() {
        write(1_000, 40_000);
        writeAndDelete(2_000);
        pass(HOUR_MILLIS);
        assertThat(isSettled()).isTrue();
        assertThat(maintenanceBytes).isLessThan(10_000_000);
    }

    @Test
    void settledStoreHasNothingToDo() {
        write(1_000, 5_000);
        pass(HOUR_MILLIS);
        assertThat(isSettled()).isTrue();
        writer.close();
        FaultyFiles.WRITTEN_BYTES.set(0);
        open();
        steps = 0;
        dueNanos = nanos();
        pass(HOUR_MILLIS);
        assertThat(isSettled()).isTrue();
        assertThat(steps).isLessThan(10);
    }

    @Test
    void idleWriterPausesFourTimesAsLongAsItWorks() {
        write(5_000, 5_000);
        for (int i = 0; i < 4_000; i += 2) {
            commit(Change.delete("doc-" + i));
        }
        pass(HOUR_MILLIS);
        assertThat(isSettled()).isTrue();
        assertThat(maintenanceBytes).isPositive();
        assertThat(pausedNanos).isGreaterThan(4 * busyNanos - 100 * MILLI);
    }
}
