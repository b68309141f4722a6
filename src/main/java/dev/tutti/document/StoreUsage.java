package dev.tutti.document;

import dev.tutti.hub.Budget;
import java.util.concurrent.atomic.AtomicLong;

/** The documents of the store and its memory, counted against their limits. Safe for any thread. */
final class StoreUsage {
    private final DocumentStore store;
    private final int maxDocuments;
    private final Budget budget;
    /** Bytes that the store holds in memory, as counted in the budget. */
    private final AtomicLong storeBytes = new AtomicLong();
    /** Documents with changes of which no row is stored yet. */
    private final AtomicLong unstored = new AtomicLong();

    /** Approximate number of documents in the trash and of notes; they do not count against the limit. */
    private final AtomicLong reserved = new AtomicLong();

    /** Entries of the store for versions, about; they do not count against the limit either. */
    private final AtomicLong versions = new AtomicLong();

    /** Bytes of the versions of all documents, about. */
    private final AtomicLong versionBytes = new AtomicLong();

    /** @param maxDocuments that the store may have; 0 for no limit */
    StoreUsage(DocumentStore store, int maxDocuments, Budget budget) {
        this.store = store;
        this.maxDocuments = maxDocuments;
        this.budget = budget;
    }

    /** Counts the memory that the store itself holds. */
    void countMemory() {
        long now = store.memoryBytes();
        budget.reserve(Budget.Share.DOCUMENTS, now - storeBytes.getAndSet(now));
    }

    /** Returns whether the store may get one more document. */
    boolean mayAdd() {
        return maxDocuments == 0 || store.count() - reserved.get() - versions.get() + unstored.get() < maxDocuments;
    }

    /** Sets the number of documents in the store that do not count. */
    void setReserved(long count) {
        reserved.set(count);
    }

    /** Changes the number of documents in the store that do not count. */
    void addReserved(int more) {
        reserved.addAndGet(more);
    }

    /** Sets the number of entries for versions, and their bytes. */
    void setVersions(long count, long bytes) {
        versions.set(count);
        versionBytes.set(bytes);
    }

    /** Changes the number of entries for versions, and their bytes. */
    void addVersions(int more, long bytes) {
        versions.addAndGet(more);
        versionBytes.addAndGet(bytes);
    }

    /** Returns the bytes of the versions of all documents, about. */
    long versionBytes() {
        return versionBytes.get();
    }

    /** Changes the number of documents that will be new in the store. */
    void addUnstored(int more) {
        unstored.addAndGet(more);
    }
}
