package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.store.file.FileStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Copies all documents, and the histories of rooms that are stored, at intervals, while they are in use, each time into a new directory, with which a server can start. Deletes the oldest
 * backups. Confined to a thread of its own.
 */
public final class Backups implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Backups.class.getName());

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'documents-'uuuu-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

    /** The directory of an unfinished backup. */
    private static final String UNFINISHED = "new";

    private static final int CHECK_SECONDS = 60;

    private final DocumentStore documents;
    /** The histories of rooms; null if they are in memory. */
    private final @Nullable DocumentStore histories;

    private final Path directory;
    private final Duration interval;
    private final int kept;
    private final Supplier<Instant> clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "tutti-backup");
        created.setDaemon(true);
        return created;
    });

    /** Starts the thread, which makes a backup at once if one is due. */
    static Backups start(DocumentStore documents, @Nullable DocumentStore histories, StoreOptions options) {
        Backups backups = new Backups(
                documents,
                histories,
                Path.of(options.backups()),
                Duration.ofHours(options.backupHours()),
                options.backupsKept(),
                Instant::now);
        var unused = backups.thread.scheduleWithFixedDelay(backups::makeIfDue, 0, CHECK_SECONDS, TimeUnit.SECONDS);
        return backups;
    }

    Backups(
            DocumentStore documents,
            @Nullable DocumentStore histories,
            Path directory,
            Duration interval,
            int kept,
            Supplier<Instant> clock) {
        this.documents = documents;
        this.histories = histories;
        this.directory = directory;
        this.interval = interval;
        this.kept = kept;
        this.clock = clock;
    }

    /** Makes a backup if the last one is old enough; tries again at the next call after a failure. */
    void makeIfDue() {
        try {
            Files.createDirectories(directory);
            Instant now = clock.get();
            List<Path> backups = backups(now);
            Path last = backups.isEmpty() ? null : backups.get(backups.size() - 1);
            if (last == null || isFuture(last, now) || !now.isBefore(time(last).plus(interval))) {
                make(now);
                deleteOldest(now);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "the backup of the documents failed; it is tried again within a minute", e);
        }
    }

    private void make(Instant now) throws IOException {
        Path unfinished = directory.resolve(UNFINISHED);
        delete(unfinished);
        long count;
        try (DocumentStore copy = new FileStore(unfinished)) {
            count = DocumentCopy.copy(documents, copy);
        }
        if (histories != null) {
            try (DocumentStore copy = new FileStore(unfinished.resolve(DocumentStores.HISTORIES))) {
                DocumentCopy.copy(histories, copy);
            }
        }
        Files.move(unfinished, directory.resolve(NAME.format(now)));
        LOG.log(Level.DEBUG, "backed up {0} documents", count);
    }

    private void deleteOldest(Instant now) throws IOException {
        List<Path> backups = backups(now);
        for (Path old : backups.subList(0, Math.max(0, backups.size() - kept))) {
            delete(old);
        }
    }

    /** Returns the backups, the oldest first. Backups with a future date come first: a wrong clock dated them, and they are older than now. */
    private List<Path> backups(Instant now) throws IOException {
        Comparator<Path> futureFirst = Comparator.comparing(path -> !isFuture(path, now));
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> timeOrNull(path) != null)
                    .sorted(futureFirst.thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }

    private static boolean isFuture(Path backup, Instant now) {
        return time(backup).isAfter(now);
    }

    private static Instant time(Path backup) {
        return Instant.from(NAME.parse(backup.getFileName().toString()));
    }

    private static @Nullable Instant timeOrNull(Path path) {
        try {
            return time(path);
        } catch (DateTimeParseException e) {
            return null; // not a backup
        }
    }

    private static void delete(Path store) throws IOException {
        if (Files.isDirectory(store)) {
            try (Stream<Path> files = Files.list(store)) {
                for (Path file : files.toList()) {
                    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                        delete(file);
                    } else {
                        Files.delete(file);
                    }
                }
            }
            Files.delete(store);
        }
    }

    /** Stops the thread; an unfinished backup is redone after the next start. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Starts backups if options ask for them; returns null if not. */
    public static @Nullable Backups startIfAsked(
            DocumentStore documents, @Nullable DocumentStore histories, StoreOptions options) {
        if (options.backups().isBlank()) {
            return null;
        }
        if (options.isMemory()) {
            throw new StoreException("backups: documents in memory cannot be backed up");
        }
        return start(documents, histories, options);
    }
}
