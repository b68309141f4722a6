package dev.tutti.document;

import java.util.List;
import java.util.stream.Stream;

/**
 * A state of a document that is kept beside it. Immutable.
 *
 * @param madeMillis time in milliseconds since 1970; of an automatic one, the end of its quarter of an hour
 * @param isAutomatic whether the server made it without a request
 * @param title for people; empty for none
 * @param writers of the changes since the version before
 * @param bytes of the state in the store
 */
public record Version(long madeMillis, boolean isAutomatic, String title, Writers writers, long bytes) {
    /** Upper bound of a title, in code points. */
    public static final int MAX_TITLE = 100;

    private static final String AUTOMATIC = "a";
    private static final String NAMED = "n";

    /** Returns the id of this version, which no other version of the document has. Ids are in the order of the times. */
    public String id() {
        return DocumentKey.digits(madeMillis) + (isAutomatic ? AUTOMATIC : NAMED);
    }

    /** Returns whether an id is that of an automatic version. */
    static boolean isAutomatic(String id) {
        return id.endsWith(AUTOMATIC);
    }

    /** Returns the time of a version with this id; -1 if no version has such an id. */
    static long madeMillis(String id) {
        int end = id.length() - 1;
        boolean isId = (id.endsWith(AUTOMATIC) || id.endsWith(NAMED))
                && end == DocumentKey.MILLIS_DIGITS
                && id.chars().limit(end).allMatch(c -> c >= '0' && c <= '9');
        return isId ? Long.parseLong(id.substring(0, end)) : -1;
    }

    /** Returns this version, which another server has made as well. */
    Version joinedWith(Version other) {
        return new Version(
                madeMillis,
                isAutomatic,
                title.isEmpty() ? other.title : title,
                writers.joinedWith(other.writers),
                Math.max(bytes, other.bytes));
    }

    /**
     * The writers of a document. Immutable.
     *
     * @param users without guests, {@link #MAX_USERS} at most, in the order in which they are known
     * @param hasGuests whether guests have written, too; they have no names
     */
    public record Writers(List<String> users, boolean hasGuests) {
        /** Upper bound of the names; more users are not recorded. */
        public static final int MAX_USERS = 20;

        static final Writers NONE = new Writers(List.of(), false);

        /** Copies the list. */
        public Writers {
            users = List.copyOf(users);
        }

        Writers joinedWith(Writers other) {
            List<String> all = Stream.concat(users.stream(), other.users.stream())
                    .distinct()
                    .limit(MAX_USERS)
                    .toList();
            return new Writers(all, hasGuests || other.hasGuests);
        }

        boolean isEmpty() {
            return users.isEmpty() && !hasGuests;
        }
    }
}
