package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;

/** Updates without a document. Stateless. */
public final class Updates {
    private Updates() {}

    /**
     * Makes one update of several, which does to any document what they do one after the other: in whatever order, with duplicates
     * and with gaps between them.
     *
     * @return the update; with no structs and no deletes if there are none
     * @throws MalformedUpdateException if one of them is no update
     */
    public static byte[] merge(List<byte[]> updates) throws MalformedUpdateException {
        return YDocument.decode(updates, DocumentLimits.NONE).encode();
    }
}
