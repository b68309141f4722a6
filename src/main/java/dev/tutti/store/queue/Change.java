package dev.tutti.store.queue;

import dev.tutti.document.Replacement;
import dev.tutti.document.StoredUpdate;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A write to a document, and its results. The results belong to the writer until {@link #done}. */
public final class Change {
    /** About what one takes beside its content. */
    private static final int OVERHEAD_BYTES = 200;

    /** About what the id of a covered row takes. */
    private static final int COVERED_BYTES = 64;

    /** What a change does to a document. */
    public enum Kind {
        /** Adds a row. */
        APPEND,
        /** Writes a state and removes the rows that it covers. */
        REPLACE,
        /** Removes all rows. */
        DELETE
    }

    public final Kind kind;
    public final String name;
    public final byte[] content;
    /** The ids of the rows that a state replaces. */
    public final Set<Long> covered;

    /** Whether there was something that a deletion has deleted. */
    public boolean found;
    /** The row that was written; empty if none was. */
    public OptionalLong id = OptionalLong.empty();
    /** The rows that a state does not cover. */
    public List<StoredUpdate> others = List.of();

    /** Completes with this when the change would survive. */
    final CompletableFuture<Change> done = new CompletableFuture<>();

    private Change(Kind kind, String name, byte[] content, Set<Long> covered) {
        this.kind = kind;
        this.name = name;
        this.content = content;
        this.covered = covered;
    }

    public static Change append(String name, byte[] update) {
        return new Change(Kind.APPEND, name, update, Set.of());
    }

    public static Change replace(String name, byte[] state, Set<Long> covered) {
        return new Change(Kind.REPLACE, name, state, covered);
    }

    public static Change delete(String name) {
        return new Change(Kind.DELETE, name, new byte[0], Set.of());
    }

    /** Returns whether a state is to be written; not if none of the rows that it covers is there. */
    public boolean isCurrent(boolean anyCoveredIsThere) {
        return covered.isEmpty() || anyCoveredIsThere;
    }

    public Replacement replacement() {
        return new Replacement(id, others);
    }

    public long bytes() {
        return OVERHEAD_BYTES + 2L * name.length() + content.length + COVERED_BYTES * (long) covered.size();
    }
}
