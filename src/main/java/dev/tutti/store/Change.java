package dev.tutti.store;

import java.util.concurrent.CompletableFuture;

/**
 * Something that is to be written about a document. Immutable but for {@link #found}, which belongs to the writer until {@link #done} is
 * done.
 */
final class Change {
    /** About what one takes beside its content. */
    private static final int OVERHEAD_BYTES = 200;

    final Entry.Kind kind;
    final String name;
    final byte[] content;

    /** Whether there was something that a deletion has deleted. */
    boolean found;

    /** Done when the change would survive, with {@link #found}. */
    final CompletableFuture<Boolean> done = new CompletableFuture<>();

    Change(Entry.Kind kind, String name, byte[] content) {
        this.kind = kind;
        this.name = name;
        this.content = content;
    }

    long bytes() {
        return OVERHEAD_BYTES + 2L * name.length() + content.length;
    }
}
