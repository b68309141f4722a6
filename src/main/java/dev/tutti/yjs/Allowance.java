package dev.tutti.yjs;

/**
 * The growth that one update may cause in a document. Immutable.
 *
 * @param contributor the member that is charged for parked structs and deletes: any number but 0
 * @param insertingBytes growth in bytes of memory; an update without growth is always allowed
 * @param deletingBytes growth of an update that only deletes or repeats known structs. It should be larger: a text that is cut in two takes
 *     more memory than before, and deletes are needed most when a document is full
 * @param nowMillis the time, by any clock
 */
public record Allowance(long contributor, long insertingBytes, long deletingBytes, long nowMillis) {
    /** Any growth. */
    static final Allowance ALL = new Allowance(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 0);
}
