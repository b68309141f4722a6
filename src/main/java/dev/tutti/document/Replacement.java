package dev.tutti.document;

import java.util.List;
import java.util.OptionalLong;

/**
 * The result of {@link DocumentStore#replace}. Immutable.
 *
 * @param id the row of the state; empty if the store did not write it, because none of the covered rows was there any more
 * @param others the rows that the document has beside that, with the ids that they have now
 */
public record Replacement(OptionalLong id, List<StoredUpdate> others) {}
