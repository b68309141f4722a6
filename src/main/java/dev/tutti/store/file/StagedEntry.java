package dev.tutti.store.file;

/**
 * An entry that is to be written, and whose pieces are in the volume already if it is large; see {@link Volume#stage}. Immutable.
 *
 * @param sequence greater than that of all entries that were made before it, of any document
 */
@SuppressWarnings("ArrayRecordComponent") // stagedEntries are not compared
record StagedEntry(String name, byte[] content, long sequence) {}
