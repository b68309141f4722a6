package dev.tutti.document;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where documents are when nobody has them open. Safe for any thread; of one document there is one caller at a time, but for {@link
 * #load}, which comes first.
 */
public interface DocumentStore {
    /**
     * Returns the document's state as an update; empty if there is no such document.
     *
     * @return fails if the store cannot tell: then nobody can open the document
     */
    CompletionStage<Optional<byte[]>> load(String name);

    /**
     * Keeps what is new in a document that was loaded; updates come in the order in which they were applied.
     *
     * @return done once the update would survive whatever the store survives
     */
    CompletionStage<Void> append(String name, byte[] update);

    /** Replaces all that is kept of a document by its state, of which all that was appended is a part. */
    CompletionStage<Void> replace(String name, byte[] state);

    /** Returns how many bytes of documents this itself keeps in memory. */
    default long memoryBytes() {
        return 0;
    }
}
