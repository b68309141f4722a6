package dev.tutti;

import dev.tutti.document.Documents;
import dev.tutti.hub.RoomName;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** {@link Documents} for the application: checks names, and completes stages on the application's threads. Safe for any thread. */
final class ApplicationDocuments implements TuttiDocuments {
    /** Of a reader that has nothing. */
    private static final byte[] EMPTY_STATE_VECTOR = {0};

    private final Documents documents;
    private final Executor executor;

    /** @param executor completes the stages; code that depends on them may block it */
    ApplicationDocuments(Documents documents, Executor executor) {
        this.documents = documents;
        this.executor = executor;
    }

    @Override
    public CompletionStage<List<Documents.Listed>> list(String prefix, String after, int max) {
        if (max < 1 || max > MAX_LISTED) {
            throw new IllegalArgumentException("max is from 1 to " + MAX_LISTED + ": " + max);
        }
        return handOver(documents.list(prefix, after, max));
    }

    @Override
    public CompletionStage<byte[]> content(String document) {
        return content(document, EMPTY_STATE_VECTOR);
    }

    @Override
    public CompletionStage<byte[]> content(String document, byte[] stateVector) {
        return handOver(documents.content(valid(document), stateVector.clone()));
    }

    @Override
    public CompletionStage<Documents.Stored> stored(String document) {
        return handOver(documents.stored(valid(document)));
    }

    @Override
    public CompletionStage<Void> apply(String document, byte[] update) {
        return handOver(documents.apply(valid(document), update.clone(), ""));
    }

    @Override
    public CompletionStage<Documents.Deletion> delete(String document) {
        return handOver(documents.delete(valid(document)));
    }

    /** A document's run must not wait for the application. */
    private <T> CompletionStage<T> handOver(CompletionStage<T> stage) {
        return stage.thenApplyAsync(Function.identity(), executor);
    }

    private static String valid(String document) {
        if (!RoomName.isValid(document)) {
            throw new IllegalArgumentException("not a document name: " + document);
        }
        return document;
    }
}
