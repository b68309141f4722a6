package dev.tutti.store.queue;

import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import java.util.List;
import java.util.function.LongPredicate;

/** A backend for tests of writing: it has no documents to read, and its maintenance does nothing. */
interface WriteOnlyBackend extends Backend {
    @Override
    default List<StoredUpdate> load(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    default List<StoredUpdate> load(String name, LongPredicate reserve) {
        throw new UnsupportedOperationException();
    }

    @Override
    default List<StoredDocument> list(String prefix, String after, int max) {
        throw new UnsupportedOperationException();
    }

    @Override
    default long maintain() {
        return 1_000;
    }
}
