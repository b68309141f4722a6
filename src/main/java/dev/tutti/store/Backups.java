package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.store.file.FileStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
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
 * Copies all documents now and then, while they are in use, each time into a directory of its own, which is one that a server can be started
 * with. The oldest are deleted when there are enough. Its thread is the only one that works.
 */
public final class Backups implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Backups.class.getName());

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'documents-'uuuu-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);

    /** What is not finished. */
    private static final String NEW = "new";

    private static final int CHECK_SECONDS = 60;

    private final DocumentStore documents;
    private final Path directory;
    private final Duration interval;
    private final int kept;
    private final Supplier<Instant> clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tutti-backup");
        made.setDaemon(true);
        return made;
    });

    /** Begins at once, if the last backup is old enough. */
    static Backups start(DocumentStore documents, StoreOptions options) {
        Backups backups = new Backups(
                documents,
                Path.of(options.backups()),
                Duration.ofHours(options.backupHours()),
                options.backupsKept(),
                Instant::now);
        var unused = backups.thread.scheduleWithFixedDelay(backups::makeIfDue, 0, CHECK_SECONDS, TimeUnit.SECONDS);
        return backups;
    }

    Backups(DocumentStore documents, Path directory, Duration interval, int kept, Supplier<Instant> clock) {
        this.documents = documents;
        this.directory = directory;
        this.interval = interval;
        this.kept = kept;
        this.clock = clock;
    }

    /** Makes a backup if the last one is old enough; one that fails is tried again at the next call. */
    void makeIfDue() {
        try {
            Files.createDirectories(directory);
            Instant now = clock.get();
            List<Path> made = made(now);
            Path last = made.isEmpty() ? null : made.get(made.size() - 1);
            if (last == null || isFuture(last, now) || !now.isBefore(time(last).plus(interval))) {
                make(now);
                deleteOldest(now);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "documents could not be backed up", e);
        }
    }

    private void make(Instant now) throws IOException {
        Path unfinished = directory.resolve(NEW);
        delete(unfinished);
        long count;
        try (DocumentStore copy = new FileStore(unfinished)) {
            count = DocumentCopy.copy(documents, copy);
        }
        Files.move(unfinished, directory.resolve(NAME.format(now)));
        LOG.log(Level.DEBUG, "{0} documents were backed up", count);
    }

    private void deleteOldest(Instant now) throws IOException {
        List<Path> made = made(now);
        for (Path old : made.subList(0, Math.max(0, made.size() - kept))) {
            delete(old);
        }
    }

    /** Returns the backups, the oldest first. Those of the future come before: they were made while the clock was wrong, so before now. */
    private List<Path> made(Instant now) throws IOException {
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
            return null; // somebody else's
        }
    }

    private static void delete(Path store) throws IOException {
        if (Files.isDirectory(store)) {
            try (Stream<Path> files = Files.list(store)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(store);
        }
    }

    /** Makes no more; one that is being made is given up, and made anew after the next start. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Starts backups if options ask for them; null if they do not. */
    public static @Nullable Backups startIfAsked(DocumentStore documents, StoreOptions options) {
        if (options.backups().isBlank()) {
            return null;
        }
        if (options.isMemory()) {
            throw new StoreException("backups: documents are in memory only");
        }
        return start(documents, options);
    }
}
