package dev.tutti.document;

import java.util.List;

/** The rows of a document, and its incarnation. Immutable. */
record StoredContent(List<StoredUpdate> rows, Incarnation incarnation) {}
