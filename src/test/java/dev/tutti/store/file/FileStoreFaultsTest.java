package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.StoreException;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.StoreClock;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Full and failing disks: the store acknowledges only stored updates, and writes again as soon as it can. */
class FileStoreFaultsTest {
    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();

    @BeforeEach
    void register() {
        FaultyFiles.register();
    }

    private FileStore open() {
        return new FileStore(directory, FaultyFiles.SCHEME, StoreClock.SYSTEM);
    }

    /** Appends an update; returns the failure, or null. */
    private static StoreException append(FileStore store, String name, String update) {
        CompletableFuture<Long> done =
                store.append(name, DocumentStoreContract.bytes(update)).toCompletableFuture();
        try {
            done.orTimeout(20, TimeUnit.SECONDS).join();
            return null;
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(StoreException.class);
            return (StoreException) e.getCause();
        }
    }

    private static List<String> load(FileStore store, String name) {
        return DocumentStoreContract.updates(store, name).stream()
                .map(String::new)
                .toList();
    }

    private static void awaitWritable(FileStore store, String update) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> append(store, "again", update) == null);
    }

    @Test
    void fullDiskLosesNoAcknowledgedUpdate() {
        Random random = new Random(5);
        List<String> acknowledged = new ArrayList<>();
        try (FileStore store = open()) {
            for (int round = 0; round < 6; round++) {
                FaultyFiles.room = 20_000L + random.nextInt(60_000);
                StoreException failure = null;
                for (int i = 0; failure == null; i++) {
                    String update = round + "/" + i + "x".repeat(random.nextInt(5_000));
                    failure = append(store, "a", update);
                    if (failure == null) {
                        acknowledged.add(update);
                    }
                }
                assertThat(failure).hasMessageContaining("no space is left on the device");
                assertThat(load(store, "a")).containsAll(acknowledged);
                FaultyFiles.room = -1;
                awaitWritable(store, "round " + round);
                assertThat(load(store, "a")).containsAll(acknowledged);
            }
            assertThat(FaultyFiles.NEW_FILES).hasValue(0);
        }
        try (FileStore store = open()) {
            assertThat(load(store, "a")).containsAll(acknowledged);
            assertThat(load(store, "again")).hasSize(6);
            assertThat(store.damage()).isEmpty();
        }
    }

    @Test
    void fullDiskFailsTheProbe() {
        try (FileStore store = open()) {
            store.probe().toCompletableFuture().join();
            FaultyFiles.room = 0;
            assertThat(store.probe())
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableThat()
                    .withMessageContaining("no space is left on the device");
            FaultyFiles.room = -1;
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> store.probe()
                            .handle((done, failure) -> failure == null)
                            .toCompletableFuture()
                            .join());
        }
    }

    @Test
    void failedSyncRewritesTheFile() {
        try (FileStore store = open()) {
            for (int i = 0; i < 100; i++) {
                assertThat(append(store, "doc-" + i % 10, "update " + i)).isNull();
            }
            FaultyFiles.FAILING_SYNCS.set(1);
            assertThat(append(store, "doc-1", "lost")).hasMessage("the documents cannot be written");
            assertThat(FaultyFiles.NEW_FILES).hasValue(0);
            awaitWritable(store, "kept");
            assertThat(FaultyFiles.NEW_FILES).hasPositiveValue();
            for (int i = 0; i < 100; i++) {
                assertThat(load(store, "doc-" + i % 10)).contains("update " + i);
            }
        }
        try (FileStore store = open()) {
            for (int i = 0; i < 100; i++) {
                assertThat(load(store, "doc-" + i % 10)).contains("update " + i);
            }
            assertThat(load(store, "again")).containsExactly("kept");
            assertThat(store.damage()).isEmpty();
        }
    }

    @Test
    void lastingDiskFailureRefusesAllWrites() {
        try (FileStore store = open()) {
            assertThat(append(store, "a", "1")).isNull();
            FaultyFiles.FAILING_SYNCS.set(1_000);
            for (int i = 0; i < 20; i++) {
                assertThat(append(store, "a", "2")).isNotNull();
            }
            assertThat(load(store, "a")).contains("1");
            FaultyFiles.FAILING_SYNCS.set(0);
            awaitWritable(store, "3");
            assertThat(load(store, "a")).contains("1");
        }
    }

    /** Opens a store whose clock the test moves: after a failure, it does not write until the clock has moved. */
    private FileStore openWithClock() {
        return new FileStore(directory, FaultyFiles.SCHEME, new StoreClock(System::currentTimeMillis, nanos::get));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** The failures of a rewrite. */
    enum Fault {
        SYNC("the documents cannot be written") {
            @Override
            void begin() {
                FaultyFiles.FAILING_SYNCS.set(Integer.MAX_VALUE);
            }
        },
        FULL_DISK("no space is left on the device of the documents") {
            @Override
            void begin() {
                FaultyFiles.room = 10_000;
            }
        },
        OUT_OF_MEMORY("the server has not enough memory to write the documents") {
            @Override
            void begin() {
                FaultyFiles.FAILING_ALLOCATIONS.set(Integer.MAX_VALUE);
            }
        };

        final String message;

        Fault(String message) {
            this.message = message;
        }

        abstract void begin();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void failedRewriteIsRetriedAndReadersGoOn(Fault fault) {
        try (FileStore store = openWithClock()) {
            for (int i = 0; i < 100; i++) {
                assertThat(append(store, "doc-" + i % 10, "update " + i + "x".repeat(1_000)))
                        .isNull();
            }
            FaultyFiles.FAILING_SYNCS.set(1);
            assertThat(append(store, "doc-1", "lost")).hasMessage("the documents cannot be written");
            FaultyFiles.onlyNewFiles = true;
            fault.begin();
            for (int i = 0; i < 5; i++) {
                pass(Duration.ofSeconds(3));
                assertThat(append(store, "doc-1", "lost")).hasMessage(fault.message);
                assertThat(load(store, "doc-1")).hasSizeBetween(10, 11);
                assertThat(directory.resolve("documents.mv.new")).doesNotExist();
            }
            assertThat(FaultyFiles.NEW_FILES).hasValue(5);
            FaultyFiles.register();
            pass(Duration.ofSeconds(3));
            assertThat(append(store, "again", "kept")).isNull();
            assertThat(FaultyFiles.NEW_FILES).hasPositiveValue();
            assertThat(append(store, "again", "kept too")).isNull();
        }
        assertThat(directory.resolve("documents.suspect")).doesNotExist();
        try (FileStore store = open()) {
            assertThat(load(store, "doc-3")).hasSize(10);
            assertThat(load(store, "again")).containsExactly("kept", "kept too");
            assertThat(store.damage()).isEmpty();
        }
    }

    @Test
    void writesResumeAfterAnOutOfMemoryError() {
        try (FileStore store = openWithClock()) {
            assertThat(append(store, "a", "1")).isNull();
            for (int i = 0; i < 5; i++) {
                FaultyFiles.FAILING_ALLOCATIONS.set(1);
                assertThat(append(store, "a", "lost")).hasMessage(Fault.OUT_OF_MEMORY.message);
                assertThat(load(store, "a")).contains("1");
                assertThat(directory.resolve("documents.suspect")).doesNotExist();
                pass(Duration.ofSeconds(3));
                assertThat(append(store, "a", "kept " + i)).isNull();
            }
            assertThat(load(store, "a")).contains("1", "kept 0", "kept 4");
            assertThat(FaultyFiles.NEW_FILES).hasValue(0);
        }
    }

    /** Leaves out the failed sync, whose bytes may be on the disk all the same. */
    @ParameterizedTest
    @EnumSource(value = Fault.class, names = "SYNC", mode = EnumSource.Mode.EXCLUDE)
    void failedStateAndDeletionRemoveNoUpdates(Fault fault) {
        DamageLog damage = new DamageLog();
        FileBackend writer = new FileBackend(
                new StoreDirectory(directory, FaultyFiles.SCHEME),
                new StoreClock(System::currentTimeMillis, nanos::get),
                damage);
        for (String update : List.of("1", "2", "3")) {
            writer.commit(List.of(
                    Change.append("a", DocumentStoreContract.bytes(update)),
                    Change.append("b", DocumentStoreContract.bytes(update))));
        }
        fault.begin();
        assertThatThrownBy(() ->
                        writer.commit(List.of(Change.replace("a", new byte[20_000], Set.of()), Change.delete("b"))))
                .hasMessage(fault.message);
        FaultyFiles.register();
        pass(Duration.ofSeconds(3));
        writer.commit(List.of(Change.append("c", DocumentStoreContract.bytes("1"))));
        while (writer.maintain() != Backend.UNTIL_NEXT_COMMIT) {
            // a step has removed something
        }
        for (String name : List.of("a", "b")) {
            assertThat(DocumentStoreContract.texts(writer.load(name))).containsExactly("1", "2", "3");
        }
        writer.close();
        assertThat(damage.all()).isEmpty();
    }

    @Test
    void failuresBackOffUpToTwoSeconds() {
        try (FileStore store = openWithClock()) {
            long[] waits = {200, 400, 800, 1_600, 2_000, 2_000};
            FaultyFiles.FAILING_SYNCS.set(Integer.MAX_VALUE);
            assertThat(append(store, "a", "1")).isNotNull();
            for (long wait : waits) {
                int left = FaultyFiles.FAILING_SYNCS.get();
                pass(Duration.ofMillis(wait - 1));
                assertThat(append(store, "a", "1")).isNotNull();
                assertThat(FaultyFiles.FAILING_SYNCS).as("too early").hasValue(left);
                pass(Duration.ofMillis(1));
                assertThat(append(store, "a", "1")).isNotNull();
                assertThat(FaultyFiles.FAILING_SYNCS.get()).as("due").isLessThan(left);
            }
            FaultyFiles.FAILING_SYNCS.set(0);
            pass(Duration.ofSeconds(2));
            assertThat(append(store, "a", "2")).isNull();
        }
    }

    @Test
    void deletingAnUnknownDocumentWritesNothing() throws Exception {
        try (FileStore store = open()) {
            assertThat(append(store, "a", "1")).isNull();
        }
        byte[] before = Files.readAllBytes(directory.resolve("documents.waterline"));
        for (int i = 0; i < 3; i++) {
            try (FileStore store = open()) {
                assertThat(store.damage()).isEmpty();
                FaultyFiles.room = 0;
                assertThat(DocumentStoreContract.await(store.delete("none"))).isFalse();
                FaultyFiles.room = -1;
                assertThat(load(store, "a")).containsExactly("1");
            }
        }
        assertThat(directory.toFile().list())
                .containsExactlyInAnyOrder("documents.mv", "documents.waterline", "documents.lock");
        assertThat(sequence(Files.readAllBytes(directory.resolve("documents.waterline"))))
                .isEqualTo(sequence(before));
    }

    /** Returns the greater sequence of both slots of a high-water mark. */
    private static long sequence(byte[] highWaterMark) {
        ByteBuffer slots = ByteBuffer.wrap(highWaterMark);
        return Math.max(slots.getLong(64 + 16), slots.getLong(104 + 16));
    }

    /** Uses a real file system, if the process may mount one. */
    @Test
    void fullFileSystemRefusesUntilThereIsSpace() throws Exception {
        Path mounted = directory.resolve("small").toAbsolutePath();
        mounted.toFile().mkdirs();
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mounted.toString()),
                "this process cannot mount a small file system, so only injected faults are tested");
        try {
            List<String> acknowledged = new ArrayList<>();
            Random random = new Random(6);
            try (FileStore store = new FileStore(mounted)) {
                File filling = mounted.resolve("filling").toFile();
                for (int round = 0; round < 3; round++) {
                    StoreException failure = null;
                    for (int i = 0; failure == null; i++) {
                        String update = round + "/" + i + "x".repeat(random.nextInt(20_000));
                        failure = append(store, "a", update);
                        if (failure == null) {
                            acknowledged.add(update);
                        } else {
                            assertThat(failure).hasMessageContaining("no space is left on the device");
                        }
                        if (i == 10) {
                            fill(filling);
                        }
                    }
                    assertThat(load(store, "a")).containsAll(acknowledged);
                    assertThat(filling.delete()).isTrue();
                    awaitWritable(store, "round " + round);
                }
            }
            try (FileStore store = new FileStore(mounted)) {
                assertThat(load(store, "a")).containsAll(acknowledged);
                assertThat(load(store, "again")).hasSize(3);
                assertThat(store.damage()).isEmpty();
            }
        } finally {
            assertThat(run("umount", mounted.toString())).isTrue();
        }
    }

    private static void fill(File file) throws Exception {
        try (var out = new FileOutputStream(file)) {
            while (true) {
                out.write(new byte[4_096]);
            }
        } catch (IOException e) {
            // the file system is full
        }
    }

    private static boolean run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
