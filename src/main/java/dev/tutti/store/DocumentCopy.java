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
 * Copies all documents of one store to another: to move to a database, or, from a store that is in use to a {@link FileStore} in another
 * directory, as a backup. Each document is copied as it is at one moment; when it was changed is not copied. Stateless.
 */
public final class DocumentCopy {
    private static final int PAGE = 256;
    private static final int MAX_AT_ONCE = 32;
    private static final long MAX_BYTES_AT_ONCE = 16L << 20;

    private DocumentCopy() {}

    /**
     * Copies, and waits until all is stored.
     *
     * @param from may be in use
     * @param to empty, and not in use
     * @return how many documents there were
     * @throws StoreException if something cannot be read or stored, or {@code to} has documents
     */
    public static long copy(DocumentStore from, DocumentStore to) {
        try {
            if (!join(to.list("", "", 1)).isEmpty()) {
                throw new StoreException("there are documents already where these are to be copied to");
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
            throw e.getCause() instanceof StoreException cause ? cause : new StoreException("copying failed", e);
        }
    }

    private static void copy(List<StoredDocument> page, DocumentStore from, DocumentStore to) {
        List<CompletableFuture<?>> underWay = new ArrayList<>();
        long bytes = 0;
        for (StoredDocument document : page) {
            bytes += document.bytes();
            underWay.add(from.load(document.name())
                    .thenCompose(rows -> store(to, document.name(), rows))
                    .toCompletableFuture());
            if (underWay.size() >= MAX_AT_ONCE || bytes >= MAX_BYTES_AT_ONCE) {
                underWay.forEach(CompletableFuture::join);
                underWay.clear();
                bytes = 0;
            }
        }
        underWay.forEach(CompletableFuture::join);
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
