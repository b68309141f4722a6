package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;
import dev.tutti.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsTest {
    @TempDir
    Path directory;

    private final DocumentStore documents = new MemoryStore();
    private Instant now = Instant.parse("2026-11-23T08:00:00Z");

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void backupIsMadeWhenDueAndOldestDeleted() throws Exception {
        try (Backups backups = new Backups(documents, null, directory, Duration.ofHours(24), 2, () -> now)) {
            documents.append("a", new byte[] {1});
            backups.makeIfDue();
            now = now.plus(Duration.ofHours(23));
            backups.makeIfDue();
            assertThat(names()).containsExactly("documents-2026-11-23T08-00-00Z");

            documents.append("a", new byte[] {2});
            documents.append("b", new byte[] {3});
            now = now.plus(Duration.ofHours(1));
            backups.makeIfDue();
            now = now.plus(Duration.ofHours(24));
            backups.makeIfDue();
            assertThat(names()).containsExactly("documents-2026-11-24T08-00-00Z", "documents-2026-11-25T08-00-00Z");
        }
        try (DocumentStore restored = new FileStore(directory.resolve("documents-2026-11-24T08-00-00Z"))) {
            assertThat(DocumentStoreContract.updates(restored, "a")).containsExactly(new byte[] {1}, new byte[] {2});
            assertThat(DocumentStoreContract.updates(restored, "b")).containsExactly(new byte[] {3});
        }
    }

    @Test
    void foreignFilesAreKept() throws Exception {
        Files.createDirectories(directory.resolve("documents-elsewhere"));
        Files.createFile(directory.resolve("notes"));
        try (Backups backups = new Backups(documents, null, directory, Duration.ofHours(24), 1, () -> now)) {
            backups.makeIfDue();
            now = now.plus(Duration.ofHours(24));
            backups.makeIfDue();
        }
        assertThat(names()).containsExactly("documents-2026-11-24T08-00-00Z", "documents-elsewhere", "notes");
    }

    @Test
    void unfinishedBackupIsRedone() throws Exception {
        try (DocumentStore unfinished = new FileStore(directory.resolve("new"))) {
            unfinished.append("old", new byte[] {1}).toCompletableFuture().get();
        }
        documents.append("a", new byte[] {1});
        try (Backups backups = new Backups(documents, null, directory, Duration.ofHours(24), 1, () -> now)) {
            backups.makeIfDue();
        }
        assertThat(names()).containsExactly("documents-2026-11-23T08-00-00Z");
        try (DocumentStore restored = new FileStore(directory.resolve("documents-2026-11-23T08-00-00Z"))) {
            assertThat(restored.list("", "", 10).toCompletableFuture().get()).hasSize(1);
        }
    }

    @Test
    void backupWithAFutureDateDelaysNoBackup() throws Exception {
        documents.append("a", new byte[] {1});
        try (Backups backups = new Backups(documents, null, directory, Duration.ofHours(24), 2, () -> now)) {
            now = Instant.parse("2036-01-01T00:00:00Z"); // the clock is wrong
            backups.makeIfDue();
            now = Instant.parse("2026-11-23T08:00:00Z");
            backups.makeIfDue();
            backups.makeIfDue();
            assertThat(names()).containsExactly("documents-2026-11-23T08-00-00Z", "documents-2036-01-01T00-00-00Z");
            now = now.plus(Duration.ofHours(24));
            backups.makeIfDue();
            assertThat(names()).containsExactly("documents-2026-11-23T08-00-00Z", "documents-2026-11-24T08-00-00Z");
        }
    }
}
