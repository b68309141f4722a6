package dev.tutti.store.file;

import dev.tutti.document.DocumentStore;
import dev.tutti.store.DocumentCopy;
import dev.tutti.store.DocumentStoreContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A process that appends, folds, loads and copies the largest documents with a small heap. The arguments are an empty directory and the number
 * of large documents.
 */
final class LargeDocuments {
    static final int STATE_BYTES = 28_000_000;

    private static final int UPDATE_BYTES = 3_500_000;

    private LargeDocuments() {}

    /** Ends with an exception after any failure or wrong result. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        int documents = Integer.parseInt(args[1]);
        byte[] state = new byte[STATE_BYTES];
        new Random(3).nextBytes(state);
        try (DocumentStore store = new FileStore(directory.resolve("data"))) {
            for (int document = 0; document < documents; document++) {
                append(store, name(document), state);
                append(store, "small-" + document, Arrays.copyOf(state, 1_000));
            }
            for (int document = 0; document < documents; document++) {
                DocumentStoreContract.await(DocumentStoreContract.replaceAll(store, name(document), state));
                DocumentStoreContract.await(store.append(name(document), new byte[1]));
                DocumentStoreContract.await(DocumentStoreContract.replaceAll(store, name(document), state));
            }
        }
        try (FileStore store = new FileStore(directory.resolve("data"));
                FileStore copy = new FileStore(directory.resolve("copy"))) {
            DocumentCopy.copy(store, copy);
            for (int document = 0; document < documents; document++) {
                requireState(state, store, name(document));
                requireState(state, copy, name(document));
            }
            List<String> damage = new ArrayList<>(store.damage());
            damage.addAll(copy.damage());
            if (!damage.isEmpty()) {
                throw new IllegalStateException(damage.toString());
            }
        }
    }

    private static String name(int document) {
        return "large-" + document;
    }

    private static void append(DocumentStore store, String name, byte[] content) {
        for (int start = 0; start < content.length; start += UPDATE_BYTES) {
            int end = Math.min(content.length, start + UPDATE_BYTES);
            DocumentStoreContract.await(store.append(name, Arrays.copyOfRange(content, start, end)));
        }
    }

    private static void requireState(byte[] state, DocumentStore store, String name) {
        List<byte[]> rows = DocumentStoreContract.updates(store, name);
        if (rows.size() != 1 || !Arrays.equals(rows.get(0), state)) {
            throw new IllegalStateException(name + " has " + rows.size() + " rows");
        }
    }
}
