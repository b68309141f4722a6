package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;

/** Functions of updates without a document. Stateless. */
public final class Updates {
    private Updates() {}

    /**
     * Merges updates: the result has the same effect on any document as all of them. They may have any order, duplicates and gaps.
     *
     * @return an update, empty if there are none
     * @throws MalformedUpdateException if one of them is malformed
     */
    public static byte[] merge(List<byte[]> updates) throws MalformedUpdateException {
        return YDocument.decode(updates, DocumentLimits.NONE).encode();
    }
}
