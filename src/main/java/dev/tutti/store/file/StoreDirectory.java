package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.LongSupplier;
import org.h2.store.fs.FilePath;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a file store and its files. Confined to the writer.
 *
 * <pre>
 * documents.mv           the volume
 * documents.mv.new       an unfinished volume that will replace it
 * documents.waterline    the high-water mark: the sequence of the last acknowledged entry
 * documents.lock         locked by the process that has the directory open
 * documents.suspect      exists while the disk may lack the last commit although it can be read
 * documents.damaged-T.mv a copy of a volume that was damaged at time T
 * </pre>
 */
final class StoreDirectory implements AutoCloseable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final Path directory;
    private final String scheme;
    private @Nullable FileChannel lock;

    StoreDirectory(Path directory, String scheme) {
        this.directory = directory;
        this.scheme = scheme;
    }

    /**
     * Creates the directory if it is missing, and locks it against other processes.
     *
     * @throws StoreException if another process has locked it, or it cannot be used
     */
    void lock() {
        try {
            Files.createDirectories(directory);
            FileChannel channel = FileChannel.open(
                    directory.resolve("documents.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = channel;
            FileLock held = tryLock(channel);
            if (held == null) {
                channel.close();
                throw new StoreException("the documents are in use: another server has the same directory open");
            }
            deleteNewVolume();
        } catch (IOException e) {
            throw new StoreException("the directory of documents cannot be used: " + reason(e), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another store of this process
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName().replace("Exception", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    }

    Path volume() {
        return directory.resolve("documents.mv");
    }

    Path newVolume() {
        return directory.resolve("documents.mv.new");
    }

    HighWaterMark highWaterMark(LongSupplier nanoTime) throws IOException {
        return new HighWaterMark(directory.resolve("documents.waterline"), nanoTime);
    }

    /** Returns the name of a file in MVStore's form. */
    String nameOf(Path file) {
        return scheme + file.toAbsolutePath();
    }

    long usableBytes() {
        return directory.toFile().getUsableSpace();
    }

    /** Keeps the damaged volume under another name. Returns the name. */
    String setAside(long millis) throws IOException {
        Path copy = directory.resolve("documents.damaged-" + TIME.format(Instant.ofEpochMilli(millis)) + ".mv");
        try {
            Files.createLink(copy, volume());
        } catch (UnsupportedOperationException | IOException e) {
            Files.copy(volume(), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        sync();
        return String.valueOf(copy.getFileName());
    }

    private Path suspect() {
        return directory.resolve("documents.suspect");
    }

    boolean isSuspect() {
        return Files.exists(suspect());
    }

    /** Notes, for the next process too, whether the disk may lack the last commit. */
    void setSuspect(boolean isSuspect) throws IOException {
        if (isSuspect && !isSuspect()) {
            Files.createFile(suspect());
        } else if (!isSuspect) {
            Files.deleteIfExists(suspect());
        }
    }

    /** Deletes an unfinished volume. */
    void deleteNewVolume() throws IOException {
        Files.deleteIfExists(newVolume());
    }

    /** Copies an open volume into the new volume, and returns once the copy is on the disk. */
    void copy(Volume volume) throws IOException {
        deleteNewVolume();
        try (FileChannel channel = FilePath.get(nameOf(newVolume())).open("rw")) {
            volume.copyTo(channel);
            channel.force(true);
        }
    }

    /** Replaces the volume by the new volume. */
    void takeNewVolume() throws IOException {
        Files.move(newVolume(), volume(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync();
    }

    /** Makes the names of the files durable, on systems that need it. */
    void sync() {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows cannot open directories
        }
    }

    @Override
    public void close() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            // the lock ends with the process
        }
    }
}
