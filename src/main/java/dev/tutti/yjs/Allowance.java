package dev.tutti.yjs;

/**
 * What an update may do to a document.
 *
 * @param contributor who is charged for what has to wait: any number but 0 that stands for one participant
 * @param insertingBytes by how many bytes of memory the document may grow; an update that makes it no larger is always allowed
 * @param deletingBytes the same for an update that only deletes, or brings what is known: a text that is cut in two takes more than
 *     before, so this is to be larger, or deletes would be refused just when they are needed
 * @param nowMillis the time, by any clock
 */
public record Allowance(long contributor, long insertingBytes, long deletingBytes, long nowMillis) {
    /** Anything. */
    static final Allowance ALL = new Allowance(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 0);
}
