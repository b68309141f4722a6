package dev.tutti.document;

/**
 * A document that is kept in a store. Immutable.
 *
 * @param bytes how many the store keeps of it
 * @param changedMillis when an update was last kept, in milliseconds since 1970
 */
public record StoredDocument(String name, long bytes, long changedMillis) {}
