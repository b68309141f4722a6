package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.FileStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Copies all documents from one store to another: to move them to a database, or to back them up into a {@link FileStore} in another
 * directory. Each copied document is as it was at one moment; the times of changes are not copied. Stateless.
 */
public final class DocumentCopy {
    private static final int PAGE = 256;
    private static final int MAX_AT_ONCE = 32;
    private static final long MAX_BYTES_AT_ONCE = 16L << 20;

    private DocumentCopy() {}

    /**
     * Copies all documents, and waits until they are stored.
     *
     * @param from may be in use
     * @param to must be empty and not in use
     * @return the number of documents
     * @throws StoreException if a document cannot be read or stored, or {@code to} has documents
     */
    public static long copy(DocumentStore from, DocumentStore to) {
        try {
            if (!join(to.list("", "", 1)).isEmpty()) {
                throw new StoreException("the target of the copy already has documents");
            }
            long count = 0;
            String after = "";
            while (true) {
                List<StoredDocument> page = join(from.list("", after, PAGE));
                if (page.isEmpty()) {
                    return count;
                }
                copy(page, from, to);
                count += page.size();
                after = page.get(page.size() - 1).name();
            }
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException cause ? cause : new StoreException("the copy failed", e);
        }
    }

    private static void copy(List<StoredDocument> page, DocumentStore from, DocumentStore to) {
        List<CompletableFuture<?>> copies = new ArrayList<>();
        long bytes = 0;
        for (StoredDocument document : page) {
            bytes += document.bytes();
            copies.add(from.load(document.name())
                    .thenCompose(rows -> store(to, document.name(), rows))
                    .toCompletableFuture());
            if (copies.size() >= MAX_AT_ONCE || bytes >= MAX_BYTES_AT_ONCE) {
                copies.forEach(CompletableFuture::join);
                copies.clear();
                bytes = 0;
            }
        }
        copies.forEach(CompletableFuture::join);
    }

    private static CompletionStage<?> store(DocumentStore to, String name, List<StoredUpdate> rows) {
        CompletionStage<Long> stored = CompletableFuture.completedFuture(0L);
        for (StoredUpdate row : rows) {
            stored = stored.thenCompose(done -> to.append(name, row.update()));
        }
        return stored;
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
