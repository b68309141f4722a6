package dev.tutti.store;

/** The place of the histories of rooms. */
public enum HistoryPlace {
    /** The memory of the server: they end with it. */
    MEMORY,
    /** The place of the documents. */
    DURABLE
}
