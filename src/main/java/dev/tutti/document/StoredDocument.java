package dev.tutti.document;

/**
 * A document in a store. Immutable.
 *
 * @param bytes in the store
 * @param changedMillis time of the last stored update, in milliseconds since 1970
 */
public record StoredDocument(String name, long bytes, long changedMillis) {}
