package dev.tutti.store;

import dev.tutti.settings.Setting;
import dev.tutti.settings.Settings;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where documents are kept: in a database if one is named, else in a directory, else in memory. Immutable.
 *
 * <p>Standalone, it is the directory {@code data} where the server was started, unless something else is said. In a container that would be
 * anywhere, and several applications might share it: so there documents are in memory, and a line in the log says so, until the context
 * parameter {@code tutti.data} or the environment variable {@code TUTTI_DATA} names a directory, or {@code tutti.database} a database ({@link
 * #inContainer}).
 */
public record StoreOptions(
        @Setting(value = "data", help = "directory in which documents are kept; none: in memory only")
        String data,

        @Setting(value = "", help = "database instead: jdbc:postgresql://host/name, or java:comp/env/jdbc/name")
        String database,

        @Setting(value = "", help = "who logs in to the database")
        String databaseUser,

        @Setting(value = "", help = "with which password") String databasePassword,

        @Setting(value = "", help = "directory for copies of all documents, made while they are in use; none if empty")
        String backups,

        @Setting(value = "24", help = "hours from one copy to the next", min = 1)
        int backupHours,

        @Setting(value = "7", help = "copies that are kept", min = 1)
        int backupsKept) {

    /** Says that documents are in memory. */
    public static final String NONE = "none";

    /** Returns the options of documents that are in memory. */
    public static StoreOptions inMemory() {
        return Settings.read(StoreOptions.class, name -> name.equals("data") ? NONE : null);
    }

    /** Returns these with the documents at another place: a directory, or a database, which has the same user and password. */
    public StoreOptions at(String place) {
        boolean isDatabase = place.startsWith("jdbc:");
        return new StoreOptions(
                isDatabase ? NONE : place,
                isDatabase ? place : "",
                databaseUser,
                databasePassword,
                "",
                backupHours,
                backupsKept);
    }

    /** Returns a lookup of settings in which no directory is named unless somebody has named one. */
    public static UnaryOperator<@Nullable String> inContainer(UnaryOperator<@Nullable String> lookup) {
        return name -> {
            String given = lookup.apply(name);
            return given == null && "data".equals(name) ? NONE : given;
        };
    }

    /** Returns whether documents are gone when the process ends. */
    public boolean isMemory() {
        return database.isBlank() && (data.isBlank() || data.equals(NONE));
    }

    /** Leaves out the password, which a URL may have, too. */
    @Override
    public String toString() {
        return isMemory() ? "memory" : database.isBlank() ? "directory " + data : "database";
    }
}
