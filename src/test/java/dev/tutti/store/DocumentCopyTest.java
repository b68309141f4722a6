package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.MemoryStore;
import dev.tutti.document.StoreException;
import dev.tutti.store.file.FileStore;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentCopyTest {
    @TempDir
    Path directory;

    private static byte[] bytes(String text) {
        return DocumentStoreContract.bytes(text);
    }

    @Test
    void allDocumentsAreCopied() {
        MemoryStore from = new MemoryStore();
        for (int i = 0; i < 1_000; i++) {
            for (int update = 0; update <= i % 3; update++) {
                DocumentStoreContract.await(from.append("doc-" + i, bytes(i + "/" + update)));
            }
        }
        try (FileStore to = new FileStore(directory)) {
            assertThat(DocumentCopy.copy(from, to)).isEqualTo(1_000);
            for (int i = 0; i < 1_000; i++) {
                assertThat(DocumentStoreContract.updates(to, "doc-" + i))
                        .containsExactlyElementsOf(DocumentStoreContract.updates(from, "doc-" + i));
            }
            assertThatThrownBy(() -> DocumentCopy.copy(from, to))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("already");
        }
    }

    @Test
    void copyOfAStoreInUseHasNoTornDocument() throws Exception {
        try (FileStore from = new FileStore(directory.resolve("from"))) {
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = new Thread(() -> {
                for (int number = 1; !stop.get(); number++) {
                    for (int i = 0; i < 20; i++) {
                        String name = "doc-" + i;
                        if (number % 5 == 0) {
                            DocumentStoreContract.await(
                                    DocumentStoreContract.replaceAll(from, name, bytes("state " + number)));
                        } else {
                            from.append(name, bytes("update " + number));
                        }
                    }
                    DocumentStoreContract.await(from.append("last", bytes("x")));
                }
            });
            writer.start();
            try {
                DocumentStoreContract.await(from.append("doc-0", bytes("first")));
                for (int round = 0; round < 10; round++) {
                    try (FileStore to = new FileStore(directory.resolve("to-" + round))) {
                        DocumentCopy.copy(from, to);
                        assertThat(DocumentStoreContract.await(to.load("doc-0")))
                                .hasSizeBetween(1, 11);
                    }
                }
            } finally {
                stop.set(true);
                writer.join();
            }
            assertThat(from.damage()).isEmpty();
        }
    }
}
