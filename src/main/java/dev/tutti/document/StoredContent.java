package dev.tutti.document;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongPredicate;

/** The rows of a document, and its incarnation. Immutable. */
record StoredContent(List<StoredUpdate> rows, Incarnation incarnation) {
    /**
     * Reads the content of a document. Does not block.
     *
     * @param reserve as for {@link DocumentStore#load(String, LongPredicate)}
     */
    static CompletionStage<StoredContent> read(DocumentStore store, String document, LongPredicate reserve) {
        CompletionStage<Incarnation> incarnation = Incarnation.load(store, document);
        return store.load(document, reserve).thenCombine(incarnation, StoredContent::new);
    }
}
