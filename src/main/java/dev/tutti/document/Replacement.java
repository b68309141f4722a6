package dev.tutti.document;

import java.util.List;
import java.util.OptionalLong;

/**
 * The result of {@link DocumentStore#replace}. Immutable.
 *
 * @param id of the row with the state; empty if the store has not written it, because no covered row existed any more
 * @param others all other rows of the document
 */
public record Replacement(OptionalLong id, List<StoredUpdate> others) {}
