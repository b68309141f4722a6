package dev.tutti.store.queue;

import dev.tutti.document.DocumentMove;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoredUpdate;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One write to one document, or a move of one, and its results. The backend sets the results on the writer's thread before its commit returns; after
 * that, other threads may read them.
 */
public final class Change {
    /** The effect of a change on its document. */
    public enum Kind {
        /** Adds a row. */
        APPEND,
        /** Writes a state and removes the rows that it covers. */
        REPLACE,
        /** Removes all rows. */
        DELETE,
        /** Gives all rows another name, and writes a note. */
        MOVE
    }

    /** About the memory of a change beside its content. */
    private static final int OVERHEAD_BYTES = 200;

    /** About the memory of one covered id. */
    private static final int COVERED_BYTES = 64;

    private final Kind kind;
    private final String name;
    private final byte[] content;
    private final Set<Long> covered;
    private final @Nullable DocumentMove move;

    private boolean existed;
    private DocumentMove.Result moved = DocumentMove.Result.UNKNOWN;
    private OptionalLong id = OptionalLong.empty();
    private List<StoredUpdate> others = List.of();

    /** Completes with this change when the change is durable. */
    final CompletableFuture<Change> done = new CompletableFuture<>();

    private Change(Kind kind, String name, byte[] content, Set<Long> covered, @Nullable DocumentMove move) {
        this.move = move;
        this.kind = kind;
        this.name = name;
        this.content = content;
        this.covered = covered;
    }

    /** Returns a change that adds a row. */
    public static Change append(String name, byte[] update) {
        return new Change(Kind.APPEND, name, update, Set.of(), null);
    }

    /**
     * Returns a change that writes a state.
     *
     * @param covered the ids of the rows that the state replaces; if empty, the state is one more row
     */
    public static Change replace(String name, byte[] state, Set<Long> covered) {
        return new Change(Kind.REPLACE, name, state, covered, null);
    }

    /** Returns a change that removes all rows of a document. */
    public static Change delete(String name) {
        return new Change(Kind.DELETE, name, new byte[0], Set.of(), null);
    }

    /** Returns a change that gives a document another name; its content is that of the note. */
    public static Change move(DocumentMove move) {
        return new Change(Kind.MOVE, move.from(), move.content(), Set.of(), move);
    }

    public Kind kind() {
        return kind;
    }

    /** Returns the name of the document. */
    public String name() {
        return name;
    }

    /** Returns the names of all documents that this change may write. */
    public List<String> names() {
        return move == null ? List.of(name) : List.of(name, move.to(), move.note());
    }

    /** Returns the move; only for a change of the kind {@link Kind#MOVE}. */
    public DocumentMove move() {
        return Objects.requireNonNull(move);
    }

    /** Returns the update, the state or the note; empty for a deletion. Callers must not modify it. */
    public byte[] content() {
        return content;
    }

    /** Returns the ids of the rows that a state replaces. */
    public Set<Long> covered() {
        return covered;
    }

    /** Returns the memory that this change occupies while it waits, about. */
    public long bytes() {
        return OVERHEAD_BYTES + 2L * name.length() + content.length + COVERED_BYTES * (long) covered.size();
    }

    /** Returns whether a state is still to be written; it is obsolete if it covers rows and none of them is left. */
    public boolean isCurrent(boolean anyCoveredRowExists) {
        return covered.isEmpty() || anyCoveredRowExists;
    }

    /** Sets the id of the row that was written. */
    public void setId(long id) {
        this.id = OptionalLong.of(id);
    }

    /** Sets the rows that a state does not cover. */
    public void setOthers(List<StoredUpdate> others) {
        this.others = others;
    }

    /** Sets whether the change removed any row. */
    public void setExisted(boolean existed) {
        this.existed = existed;
    }

    /** Sets the result of a move. */
    public void setMoved(DocumentMove.Result result) {
        moved = result;
    }

    DocumentMove.Result moved() {
        return moved;
    }

    /** Returns the id of the row that was written; empty if none was. */
    public OptionalLong id() {
        return id;
    }

    /** Returns the rows that a state does not cover. */
    public List<StoredUpdate> others() {
        return others;
    }

    /** Returns whether the change removed any row. */
    public boolean existed() {
        return existed;
    }

    Replacement replacement() {
        return new Replacement(id, others);
    }
}
