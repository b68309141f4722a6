package dev.tutti.document;

import dev.tutti.yjs.UpdateIds;
import dev.tutti.yjs.Updates;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;

/** Functions of updates that a document has applied, which therefore are well-formed. */
final class AppliedUpdates {
    private AppliedUpdates() {}

    /** Returns several updates, at least one, as one. */
    static byte[] merge(List<byte[]> updates) {
        try {
            return updates.size() == 1 ? updates.get(0) : Updates.merge(updates);
        } catch (MalformedUpdateException e) {
            throw new AssertionError("updates that were applied", e);
        }
    }

    /** Returns the ids of an update's structs and deletes, without their content. */
    static UpdateIds ids(byte[] update) {
        try {
            return UpdateIds.of(update);
        } catch (MalformedUpdateException e) {
            throw new AssertionError("an update that was applied", e);
        }
    }
}
