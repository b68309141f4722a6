package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;

class MemoryStoreTest extends DocumentStoreContract {
    @Override
    DocumentStore open() {
        return new MemoryStore(clock::get);
    }
}
