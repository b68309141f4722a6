package dev.tutti.store;

import dev.tutti.settings.Setting;
import dev.tutti.settings.Settings;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The place of documents: a database if one is named, else a directory, else memory; and whether the histories of rooms are there too. Immutable.
 *
 * <p>A standalone server stores documents by default in the directory {@code data} below its working directory. In a container, that directory
 * would be anywhere, and several applications might share it. So there, documents are in memory, and the log says so, until the context
 * parameter {@code tutti.data} or the environment variable {@code TUTTI_DATA} names a directory, or {@code tutti.database} a database ({@link
 * #inContainer}).
 */
public record StoreOptions(
        @Setting(value = "data", help = "directory in which documents are stored; none: in memory only")
        String data,

        @Setting(value = "", help = "database instead: jdbc:postgresql://host/name, or java:comp/env/jdbc/name")
        String database,

        @Setting(value = "", help = "user of the database") String databaseUser,

        @Setting(value = "", help = "password of the database user", secret = true)
        String databasePassword,

        @Setting(value = "", help = "directory for backups of all documents; empty: no backups")
        String backups,

        @Setting(value = "24", help = "hours between two backups", min = 1)
        int backupHours,

        @Setting(value = "7", help = "backups that are kept", min = 1)
        int backupsKept,

        @Setting(value = "memory", help = "place of the histories of rooms: memory, or durable, beside the documents")
        HistoryPlace historyStore,

        @Setting(value = "30", help = "days after which an unused stored history is removed; 0: never", max = 36_500)
        int historyDays,

        @Setting(
                value = "1073741824",
                help = "bytes of the stored histories of all rooms together; 0: no limit",
                max = Long.MAX_VALUE)
        long maxStoredHistoryBytes) {

    /** The rules of stored histories, if the settings name none: 30 days. */
    private static final String STORED_HISTORY = "*=1000/1048576/2592000";

    /** The directory that means memory. */
    public static final String NONE = "none";

    /** Returns the options of documents in memory. */
    public static StoreOptions inMemory() {
        return Settings.read(StoreOptions.class, name -> name.equals("data") ? NONE : null);
    }

    /** Returns these options for another place: a directory, or the URL of a database with the same user and password. Without backups. */
    public StoreOptions at(String place) {
        boolean isDatabase = place.startsWith("jdbc:");
        return new StoreOptions(
                isDatabase ? NONE : place,
                isDatabase ? place : "",
                databaseUser,
                databasePassword,
                "",
                backupHours,
                backupsKept,
                historyStore,
                historyDays,
                maxStoredHistoryBytes);
    }

    /** Returns a lookup of settings in which {@code data} is {@link #NONE} unless the given lookup has it. */
    public static UnaryOperator<@Nullable String> inContainer(UnaryOperator<@Nullable String> lookup) {
        return name -> {
            String given = lookup.apply(name);
            return given == null && "data".equals(name) ? NONE : given;
        };
    }

    /** Returns a lookup of settings in which {@code history} retains publications for long if histories are stored and the given lookup has no rules. */
    public static UnaryOperator<@Nullable String> withLongHistories(UnaryOperator<@Nullable String> lookup) {
        return name -> {
            String given = lookup.apply(name);
            return given == null && "history".equals(name) && "durable".equals(lookup.apply("history-store"))
                    ? STORED_HISTORY
                    : given;
        };
    }

    /** Returns whether documents are in memory, and so end with the process. */
    public boolean isMemory() {
        return database.isBlank() && (data.isBlank() || data.equals(NONE));
    }

    /** Returns whether the documents are in a database, which the servers of a cluster can share. */
    public boolean isDatabase() {
        return !database.isBlank();
    }

    /** Returns whether the histories of rooms are stored. */
    public boolean storesHistories() {
        return historyStore == HistoryPlace.DURABLE;
    }

    /** Returns the directory for the files of this server, which it may have besides a database; null for none. */
    public @Nullable Path directory() {
        return data.isBlank() || data.equals(NONE) ? null : Path.of(data);
    }

    /** Leaves out the password, and the URL, which may contain one. */
    @Override
    public String toString() {
        return isMemory() ? "memory" : database.isBlank() ? "directory " + data : "database";
    }
}
