package dev.tutti.store.file;

/**
 * An entry before it is written. If its content is large, its pieces are in the volume already; see {@link EntryWriter#stage}. Immutable.
 *
 * @param sequence greater than that of any earlier entry of any document
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record StagedEntry(String name, byte[] content, long sequence) {}
