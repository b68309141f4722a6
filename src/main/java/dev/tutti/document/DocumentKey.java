package dev.tutti.document;

import org.jspecify.annotations.Nullable;

/**
 * One incarnation of a document, to which versions belong, and the names under which a store has them. Immutable.
 *
 * @param document its name, also while it is in the trash
 * @param incarnation the {@link Incarnation#id}
 */
record DocumentKey(String document, long incarnation) {
    /** The beginning of the names of versions in the store; no document has a name with a dot first. */
    static final String PREFIX = ".version/";

    static final int MILLIS_DIGITS = 13;

    /** Sorts after the ids of all versions. */
    private static final String INDEX = "index";

    /** An entry of the store: the state of a version, or the index of all versions of the document. */
    record Entry(DocumentKey key, String id) {
        boolean isIndex() {
            return id.equals(INDEX);
        }
    }

    /** Returns the beginning of the names of all entries. */
    String prefix() {
        return PREFIX + document + "/" + incarnation + "/";
    }

    /** Returns the name of the index, whose rows say which versions there are. */
    String indexName() {
        return prefix() + INDEX;
    }

    /** Returns the name of the state of a version. */
    String stateName(String id) {
        return prefix() + id;
    }

    /** Returns the entry that has a name in the store; null if it is none. */
    static @Nullable Entry entry(String storedName) {
        String[] parts = storedName.split("/", -1);
        if (parts.length != 4 || !storedName.startsWith(PREFIX)) {
            return null;
        }
        try {
            return new Entry(new DocumentKey(parts[1], Long.parseLong(parts[2])), parts[3]);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Returns a time as digits whose order is that of the times. */
    static String digits(long millis) {
        String digits = Long.toString(millis);
        return "0".repeat(Math.max(0, MILLIS_DIGITS - digits.length())) + digits;
    }
}
