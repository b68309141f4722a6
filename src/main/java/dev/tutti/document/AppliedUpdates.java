package dev.tutti.document;

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
}
