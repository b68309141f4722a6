package dev.tutti.store;

import dev.tutti.document.StoreException;
import dev.tutti.store.Entry.Head;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.LongSupplier;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the volume of a directory, and opens it anew when that has failed: MVStore closes itself then. Confined to the writer's thread, but
 * for {@link #contents}.
 */
final class FileWriter implements GroupCommit.Target {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    /** What must be free beside what is to be written, so that tidying up works. */
    private static final long RESERVE_BYTES = 1L << 20;

    private static final long MIN_WAIT_NANOS = 100_000_000L;
    private static final long MAX_WAIT_NANOS = 5_000_000_000L;

    private final StoreDirectory directory;
    private final LongSupplier clockMillis;
    private final Damages damages;
    private final Waterline waterline;
    private final Housekeeping housekeeping = new Housekeeping();

    private long sequence;
    /** What is wrong with the volume that was found last. */
    private @Nullable String fault;
    /** Some of the volume could not even be looked at. */
    private boolean structural;

    /** What was written last may not be on the disk although it can be read: all is written anew before anything else is. */
    private boolean suspect;

    private long waitNanos = MIN_WAIT_NANOS;
    private long failedNanos;
    private @Nullable StoreException failure;

    private volatile @Nullable Contents contents;

    FileWriter(StoreDirectory directory, LongSupplier clockMillis, Damages damages) {
        this.directory = directory;
        this.clockMillis = clockMillis;
        this.damages = damages;
        directory.lock();
        try {
            waterline = directory.waterline();
            suspect = directory.isSuspect();
            open();
        } catch (IOException e) {
            directory.close();
            throw new StoreException("the directory of documents cannot be used", e);
        } catch (RuntimeException | Error e) {
            directory.close();
            throw e;
        }
    }

    /** Returns what there is to read; for any thread. */
    Contents contents() {
        Contents now = contents;
        if (now == null) {
            throw new StoreException("the documents cannot be read at the moment");
        }
        return now;
    }

    private void open() throws IOException {
        if (!tryOpen()) {
            if (!Files.exists(directory.volume())) {
                throw new IOException(fault);
            }
            salvage();
            if (!tryOpen()) {
                throw new IOException("what was saved of the documents cannot be read");
            }
        }
    }

    /** Opens the volume if it is sound, or new; returns whether it is. */
    private boolean tryOpen() {
        Volume volume = null;
        try {
            volume = new Volume(directory.nameOf(directory.volume()), new SecureRandom().nextLong());
            Inspection inspection = new Inspection(volume);
            fault = inspection.fault();
            structural = inspection.isUnreadable();
            if (fault == null && inspection.lastSequence() < waterline.sequence()) {
                fault = "its end is missing";
                structural = true;
            }
            if (fault == null) {
                volume.commit();
                directory.sync();
                note(volume, inspection.lastSequence());
                // beyond what a commit that was not finished may have used
                sequence = Math.max(sequence, inspection.lastSequence()) + GroupCommit.MAX_GROUP;
                contents = new Contents(volume, inspection.tails());
                return true;
            }
        } catch (MVStoreException e) {
            if (e.getErrorCode() == DataUtils.ERROR_UNSUPPORTED_FORMAT) {
                throw new StoreException("the documents were stored by a later version of Tutti", e);
            }
            if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED || isFromDevice(e)) {
                throw new StoreException("the documents cannot be opened", e); // which says nothing about the file
            }
            fault = "it cannot be opened: " + e.getMessage();
            structural = true;
        } catch (IllegalArgumentException | IllegalStateException | AssertionError e) {
            fault = "it makes no sense: " + e.getMessage();
            structural = true;
        }
        if (volume != null) {
            volume.abandon();
        }
        return false;
    }

    /** Makes a new volume of all that is sound in the one that is damaged, which is kept. */
    private void salvage() throws IOException {
        String kept = directory.setAside(clockMillis.getAsLong());
        long expected = waterline.sequence();
        try (Salvage salvage = new Salvage(directory.volume(), waterline.mark());
                VolumeBuilder builder =
                        new VolumeBuilder(directory.nameOf(directory.newVolume()), new SecureRandom().nextLong())) {
            int count = salvage.into(builder);
            builder.finish(Math.max(expected, salvage.lastSequence()));
            LOG.log(
                    Level.WARNING,
                    "the file of documents is damaged (" + fault + ") and was made anew: " + count
                            + " documents were found, " + salvage.incomplete().size()
                            + " of them incomplete; the damaged file is kept as " + kept);
            salvage.incomplete().forEach(name -> damages.add("a part of document " + name + " is lost"));
            if (salvage.lastSequence() < expected) {
                damages.add("what was stored last is lost, of which documents is not known");
            } else if (structural && salvage.hasGaps()) {
                damages.add("perhaps something is lost or back that was deleted, of which documents is not known");
            }
        }
        directory.takeNewVolume();
    }

    @Override
    public void commit(List<Change> changes) {
        requireOpen();
        requireRoom(changes.stream().mapToLong(Change::bytes).sum());
        Contents now = contents();
        try {
            for (Change change : changes) {
                make(change, now);
            }
            housekeeping.beforeCommit(now);
            now.volume().commit();
        } catch (RuntimeException | Error e) {
            throw failed(now, e);
        }
        note(now.volume(), sequence);
        if (failure != null) {
            LOG.log(Level.INFO, "documents are stored again");
            failure = null;
            waitNanos = MIN_WAIT_NANOS;
        }
    }

    private void make(Change change, Contents now) {
        Volume volume = now.volume();
        Head base = volume.base(change.name);
        Tail tail = now.tails().get(change.name);
        long previous = tail.count() > 0 ? tail.last() : base == null ? 0 : base.sequence();
        if (change.kind == Entry.Kind.DELETED) {
            change.found = tail.count() > 0 || (base != null && base.kind() == Entry.Kind.STATE);
            if (!change.found) {
                return;
            }
        }
        Head head = new Head(
                change.kind,
                change.name,
                ++sequence,
                previous,
                clockMillis.getAsLong(),
                change.content.length,
                EntryFormat.crc(change.content));
        volume.put(new Entry(head, change.content));
        if (change.kind == Entry.Kind.UPDATE) {
            now.tails().add(head);
        } else {
            now.tails().cut(change.name);
        }
    }

    private void note(Volume volume, long acknowledged) {
        try {
            waterline.note(volume.format().mark(), acknowledged);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "it could not be noted how far the documents go", e);
        }
    }

    private void requireRoom(long bytes) {
        if (directory.usableBytes() < RESERVE_BYTES + 2 * bytes) {
            throw noted(new StoreException("no space is left on the device of the documents"));
        }
    }

    /** Writing has failed: what was written is not known. Goes back to what was on the disk. */
    private StoreException failed(Contents now, Throwable cause) {
        now.volume().abandon();
        contents = null;
        suspect |= !isOutOfSpace(cause) || isFromSync(cause);
        StoreException reported = noted(
                isOutOfSpace(cause)
                        ? new StoreException("no space is left on the device of the documents", cause)
                        : new StoreException("the documents cannot be written", cause));
        try {
            directory.setSuspect(suspect);
            open();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "the documents cannot be opened again, which will be tried later", e);
        }
        return reported;
    }

    private StoreException noted(StoreException reported) {
        if (failure == null) {
            LOG.log(Level.ERROR, "documents are not stored until this is over: " + reported.getMessage(), reported);
        }
        failure = reported;
        failedNanos = System.nanoTime();
        waitNanos = Math.min(2 * waitNanos, MAX_WAIT_NANOS);
        return reported;
    }

    /** After a failure, all fail for a while, each time longer; then it is tried again. */
    private void requireOpen() {
        StoreException last = failure;
        if (last != null && System.nanoTime() - failedNanos < waitNanos) {
            throw new StoreException(String.valueOf(last.getMessage()), last);
        }
        try {
            if (contents == null) {
                open();
            }
            if (suspect) {
                rewrite();
            }
        } catch (MVStoreException | IOException e) {
            throw noted(new StoreException("the documents cannot be written", e));
        }
    }

    /** Writes all that can be read into a new file, every byte of it. */
    private void rewrite() throws IOException {
        Contents now = contents();
        try (VolumeBuilder builder = new VolumeBuilder(
                directory.nameOf(directory.newVolume()), now.volume().format().mark())) {
            builder.addAll(now);
            builder.finish(sequence);
        }
        contents = null;
        now.volume().abandon();
        directory.takeNewVolume();
        open();
        suspect = false;
        directory.setSuspect(false);
    }

    private static boolean isOutOfSpace(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof IOException
                    && (message.contains("No space left")
                            || message.contains("not enough space")
                            || message.contains("quota exceeded"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFromDevice(MVStoreException failure) {
        return failure.getCause() instanceof IOException && !(failure.getCause() instanceof EOFException);
    }

    private static boolean isFromSync(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).startsWith("Could not sync")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long idle() {
        Contents now = contents;
        if (now == null || failure != null) {
            return 1_000;
        }
        try {
            waterline.force();
            return housekeeping.idle(now);
        } catch (IOException e) {
            throw noted(new StoreException("the documents cannot be written", e));
        } catch (RuntimeException | Error e) {
            throw failed(now, e);
        }
    }

    @Override
    public void end() {
        Contents now = contents;
        contents = null;
        try (directory;
                waterline) {
            if (now != null) {
                now.volume().close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "the documents were not closed in order; nothing is lost", e);
        }
    }
}
