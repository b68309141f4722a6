package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.queue.StoreClock;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileStoreTest extends DocumentStoreContract {
    @TempDir
    Path directory;

    @Override
    public DocumentStore open() {
        return new FileStore(directory.resolve("made/if/missing"), "", new StoreClock(clock::get, System::nanoTime));
    }

    /** The contract with a store that is closed and opened again between the steps. */
    @Nested
    class Reopened extends DocumentStoreContract {
        @TempDir
        Path other;

        @Override
        public DocumentStore open() {
            return new FileStore(other, "", new StoreClock(clock::get, System::nanoTime));
        }

        @Override
        public DocumentStore reopen(DocumentStore open) {
            open.close();
            return open();
        }
    }

    @Test
    void secondProcessIsKeptOut() {
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another server has the same directory open");
        store.close();
        store = open();
        await(store.append("a", bytes("1")));
    }

    @Test
    void contentsStayOutOfMemory() {
        for (int i = 0; i < 32; i++) {
            await(store.append("large-" + i, new byte[2 << 20]));
        }
        for (int i = 0; i < 1_000; i++) {
            await(store.append("small-" + i, bytes("1"))); // so that MVStore would estimate a large one as small
        }
        store.close();
        long before = usedBytes();
        store = open();
        assertThat(usedBytes() - before).isLessThan(32 << 20);
    }

    private static long usedBytes() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    @Test
    void unusableDirectoryIsNamedInTheError() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> new FileStore(file))
                .isInstanceOf(StoreException.class)
                .hasMessage("the directory of documents cannot be used: File Already Exists");
    }

    @Test
    void spaceOfObsoleteRowsIsFreed() throws Exception {
        Path file = directory.resolve("made/if/missing/documents.mv");
        byte[] state = new byte[900_000];
        new java.util.Random(4).nextBytes(state);
        for (int i = 0; i < 20; i++) {
            await(store.append("a", state));
        }
        assertThat(Files.size(file)).isGreaterThan(18_000_000);
        await(replaceAll(store, "a", state));
        Awaitility.await().until(() -> Files.size(file) < 1.1 * state.length);
        assertThat(updates(store, "a")).hasSize(1).first().isEqualTo(state);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 100, 8192, 9956})
    void missingOrEmptyFileIsReported(int length) throws Exception {
        Path place = directory.resolve("other");
        try (FileStore store = new FileStore(place)) {
            await(store.append("a", bytes("kept")));
        }
        Path file = place.resolve("documents.mv");
        if (length < 0) {
            Files.delete(file);
        } else {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(length);
            }
        }
        try (FileStore store = new FileStore(place)) {
            if (await(store.load("a")).isEmpty()) {
                assertThat(store.damage()).isNotEmpty();
            }
        }
    }
}
