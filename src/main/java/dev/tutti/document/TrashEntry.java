package dev.tutti.document;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A deleted document in the trash. Immutable.
 *
 * @param document the name that it had
 * @param deletedMillis time of the deletion, in milliseconds since 1970; differs from those of other entries of this name
 * @param incarnation that it had
 * @param bytes in the store
 */
public record TrashEntry(String document, long deletedMillis, long incarnation, long bytes) {
    /** The beginning of the names of entries in the store; no document has a name with a dot first. */
    static final String PREFIX = ".trash/";

    /** Returns the place of this entry in the order of {@link Trash#list}: the entries of a name are in the order of their times. */
    public String position() {
        return document + "/" + DocumentKey.digits(deletedMillis);
    }

    /** Returns the name in the store. */
    String storedName() {
        return PREFIX + position() + "/" + incarnation;
    }

    /** Returns the entry that a store has under a name; null if it is no name of an entry. */
    private static @Nullable TrashEntry of(StoredDocument stored) {
        String[] parts = stored.name().split("/", -1);
        if (parts.length != 4 || !stored.name().startsWith(PREFIX)) {
            return null;
        }
        try {
            return new TrashEntry(parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3]), stored.bytes());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Returns the entries that a store has under these names. */
    static List<TrashEntry> allOf(List<StoredDocument> stored) {
        return stored.stream().map(TrashEntry::of).filter(Objects::nonNull).toList();
    }

    /** Returns the incarnation of the document, to which its versions belong. */
    DocumentKey key() {
        return new DocumentKey(document, incarnation);
    }
}
