package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.List;

/** Decodes and encodes a document of 20 MB, in a process with a small heap. */
final class LargeEncoding {
    private static final int CLIENTS = 5;
    private static final int CLIENT_BYTES = 4_000_000;

    private LargeEncoding() {}

    /** Throws if the encoding is wrong, or memory is exhausted. */
    public static void main(String[] args) throws Exception {
        byte[] encoded = document().encode();
        if (encoded.length < CLIENTS * CLIENT_BYTES) {
            throw new IllegalStateException("encoded " + encoded.length + " bytes");
        }
    }

    private static YDocument document() throws Exception {
        List<byte[]> updates = new ArrayList<>();
        for (int client = 1; client <= CLIENTS; client++) {
            byte[] text = UpdateBuilder.text(null, null, "x".repeat(CLIENT_BYTES));
            updates.add(new UpdateBuilder().structs(client, 0, text).build());
        }
        return YDocument.decode(updates, DocumentLimits.DEFAULT);
    }
}
