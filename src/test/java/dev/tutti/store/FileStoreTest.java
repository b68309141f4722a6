package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends DocumentStoreContract {
    @TempDir
    Path directory;

    @Override
    DocumentStore open() {
        return new FileStore(directory.resolve("made/if/missing"), "", clock::get);
    }

    /** The same, closed and opened again between the steps. */
    @Nested
    class Reopened extends DocumentStoreContract {
        @TempDir
        Path other;

        @Override
        DocumentStore open() {
            return new FileStore(other, "", clock::get);
        }

        @Override
        DocumentStore reopen(DocumentStore open) {
            open.close();
            return open();
        }
    }

    @Test
    void anotherProcessIsKeptOut() {
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another server has the same directory open");
        store.close();
        store = open();
        await(store.append("a", bytes("1")));
    }

    @Test
    void aDirectoryThatCannotBeMadeIsToldApart() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> new FileStore(file))
                .isInstanceOf(StoreException.class)
                .hasMessage("the directory of documents cannot be used: File Already Exists");
    }

    @Test
    void theSpaceOfWhatIsObsoleteIsGivenBack() throws Exception {
        Path file = directory.resolve("made/if/missing/documents.mv");
        byte[] state = new byte[900_000];
        new java.util.Random(4).nextBytes(state);
        for (int i = 0; i < 20; i++) {
            await(store.append("a", state));
        }
        assertThat(Files.size(file)).isGreaterThan(18_000_000);
        await(store.replace("a", state));
        Awaitility.await().until(() -> Files.size(file) < 1.1 * state.length);
        assertThat(await(store.load("a"))).hasSize(1).first().isEqualTo(state);
    }
}
