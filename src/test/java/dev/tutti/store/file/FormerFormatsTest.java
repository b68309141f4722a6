package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.store.DocumentStoreContract;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories of earlier versions of Tutti: {@code format-1.zip} at commit a3fdb06, {@code format-2.zip} at 62a5fe7, {@code format-3.zip} at 0c4d6a4. */
class FormerFormatsTest {
    private static final String LARGE_STATE = "large state".repeat(65_536);
    private static final String LARGE_UPDATE = "large update".repeat(32_768);

    @TempDir
    Path directory;

    private void unzip(String name) throws Exception {
        try (InputStream resource = Objects.requireNonNull(getClass().getResourceAsStream(name), name);
                ZipInputStream in = new ZipInputStream(resource)) {
            ZipEntry entry;
            while ((entry = in.getNextEntry()) != null) {
                Files.copy(in, directory.resolve(entry.getName()));
            }
        }
    }

    private static List<String> load(FileStore store, String name) {
        return DocumentStoreContract.texts(DocumentStoreContract.await(store.load(name)));
    }

    private static void requireAll(FileStore store) {
        List<String> names = new ArrayList<>();
        DocumentStoreContract.await(store.list("", "", 100)).forEach(document -> names.add(document.name()));
        assertThat(names).containsExactly("again", "both", "large", "state", "updates");
        assertThat(load(store, "again")).containsExactly("1 of again");
        assertThat(load(store, "both")).containsExactly("1 of both", "2 of both", "state of both");
        assertThat(load(store, "large")).containsExactly("1 of large", LARGE_STATE);
        assertThat(load(store, "state")).containsExactly("state alone");
        assertThat(load(store, "updates")).containsExactly("1 of updates", "3 of updates", LARGE_UPDATE);
        assertThat(store.damage()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void formerFormatIsReadAndWritten(int format) throws Exception {
        unzip("format-" + format + ".zip");
        try (FileStore store = new FileStore(directory)) {
            requireAll(store);
        }
        try (FileStore store = new FileStore(directory)) {
            requireAll(store);
            DocumentStoreContract.await(
                    DocumentStoreContract.replaceAll(store, "large", DocumentStoreContract.bytes(LARGE_STATE)));
            DocumentStoreContract.await(store.delete("updates"));
        }
        try (FileStore store = new FileStore(directory)) {
            assertThat(load(store, "large")).containsExactly(LARGE_STATE);
            assertThat(load(store, "updates")).isEmpty();
            assertThat(load(store, "both")).hasSize(3);
            assertThat(store.damage()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void damagedFormerFormatIsSalvaged(int format) throws Exception {
        unzip("format-" + format + ".zip");
        Path file = directory.resolve("documents.mv");
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 0, 2 * 4096, (byte) 0);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 4096));
        try (FileStore store = new FileStore(directory)) {
            assertThat(load(store, "large")).contains(LARGE_STATE);
            assertThat(load(store, "updates")).contains(LARGE_UPDATE);
        }
    }
}
