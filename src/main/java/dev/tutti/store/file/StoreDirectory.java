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
import org.h2.store.fs.FilePath;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a file store, and the files in it. Confined to the writer.
 *
 * <pre>
 * documents.mv           the volume
 * documents.mv.new       one that is being made to take its place
 * documents.waterline    how far it goes
 * documents.lock         held by the process that has it open
 * documents.suspect      there while what was written last may not be on the disk although it can be read
 * documents.damaged-T.mv what was found damaged at time T, as it was
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
     * Makes the directory if it is missing, and keeps other processes out.
     *
     * @throws StoreException if one is in, or this is not possible
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
            return null; // this very process
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

    HighWaterMark highWaterMark() throws IOException {
        return new HighWaterMark(directory.resolve("documents.waterline"));
    }

    /** Returns the name of a file for MVStore. */
    String nameOf(Path file) {
        return scheme + file.toAbsolutePath();
    }

    long usableBytes() {
        return directory.toFile().getUsableSpace();
    }

    /** Keeps the volume as it is under another name, whatever becomes of it. Returns the name. */
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

    /** Notes for the next process, too, whether what was written last may not be on the disk. */
    void setSuspect(boolean isSuspect) throws IOException {
        if (isSuspect && !isSuspect()) {
            Files.createFile(suspect());
        } else if (!isSuspect) {
            Files.deleteIfExists(suspect());
        }
    }

    /** Deletes what there is of a new volume. */
    void deleteNewVolume() throws IOException {
        Files.deleteIfExists(newVolume());
    }

    /** Makes the new volume a copy of one that is open, and returns when it is on the disk. */
    void copy(Volume volume) throws IOException {
        deleteNewVolume();
        try (FileChannel channel = FilePath.get(nameOf(newVolume())).open("rw")) {
            volume.copyTo(channel);
            channel.force(true);
        }
    }

    /** Puts the new volume in the place of the volume. */
    void takeNewVolume() throws IOException {
        Files.move(newVolume(), volume(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync();
    }

    /** Makes durable what files there are; not every system can, or needs to. */
    void sync() {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no directories
        }
    }

    @Override
    public void close() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            // it ends with the process
        }
    }
}
