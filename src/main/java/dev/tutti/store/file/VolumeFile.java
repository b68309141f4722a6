package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.function.LongSupplier;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The volume of a directory as a whole: opens it, with a look at every entry; saves what is sound if it is damaged; writes it anew. Confined to
 * the writer.
 */
final class VolumeFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    private final StoreDirectory directory;
    private final LongSupplier clockMillis;
    private final DamageLog damage;
    private final HighWaterMark highWaterMark;

    /** What is wrong with the volume that was opened last. */
    private @Nullable String fault;
    /** Some of it could not even be looked at. */
    private boolean structural;
    /** Marks its entries; 0 if that is not known. */
    private long mark;
    /** Its entries up to this sequence do not count. */
    private long horizon;

    /** Keeps other processes out. */
    VolumeFile(StoreDirectory directory, LongSupplier clockMillis, DamageLog damage) throws IOException {
        this.directory = directory;
        this.clockMillis = clockMillis;
        this.damage = damage;
        directory.lock();
        try {
            highWaterMark = directory.highWaterMark();
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /**
     * Opens the volume. If it is damaged, opens a new one with what is sound in it.
     *
     * @throws StoreException if it cannot be opened for a reason that is not in the file
     */
    Volume open() throws IOException {
        Volume volume = openIfSound();
        if (volume == null) {
            if (!Files.exists(directory.volume())) {
                throw new IOException(fault);
            }
            salvage();
            volume = openIfSound();
        }
        if (volume == null) {
            throw new IOException("what was saved of the documents cannot be read: " + fault);
        }
        return volume;
    }

    /** Opens the volume again that this process has looked through, as the last commit left it; reads little of it. */
    Volume reopen() throws IOException {
        Volume volume = new Volume(directory.nameOf(directory.volume()), 0);
        boolean isComplete = false;
        try {
            isComplete = !volume.isNew()
                    && !volume.hasFormerFormat()
                    && volume.format().mark() == highWaterMark.mark()
                    && volume.lastSequence() >= highWaterMark.sequence();
            if (isComplete) {
                volume.publish();
                return volume;
            }
        } catch (MVStoreException e) {
            LOG.log(Level.DEBUG, "the documents are looked through before they are opened again", e);
        } finally {
            if (!isComplete) {
                volume.abandon();
            }
        }
        return open();
    }

    /** Opens the volume if it is sound, or new; else returns null. */
    private @Nullable Volume openIfSound() throws IOException {
        structural = true;
        mark = highWaterMark.mark();
        horizon = highWaterMark.horizon();
        boolean existed = Files.exists(directory.volume());
        Volume volume = null;
        boolean isSound = false;
        try {
            volume = new Volume(directory.nameOf(directory.volume()), new SecureRandom().nextLong());
            if (volume.hasFormerFormat()) {
                volume = upgrade(volume);
            }
            fault = faultOf(volume, existed);
            if (fault == null) {
                volume.commit();
                directory.sync();
                note(volume);
                isSound = true;
                return volume;
            }
        } catch (MVStoreException e) {
            refuseIfNotDamaged(e);
            fault = "it cannot be opened: " + e.getMessage();
        } catch (IllegalArgumentException | IllegalStateException | AssertionError e) {
            fault = "it makes no sense: " + e.getMessage();
        } finally {
            if (volume != null && !isSound) {
                volume.abandon();
            }
        }
        return null;
    }

    /** Returns what is wrong with a volume, or null if nothing is. */
    private @Nullable String faultOf(Volume volume, boolean existed) {
        VolumeCheck check = new VolumeCheck(volume);
        structural = check.isUnreadable();
        if (!volume.isNew()) {
            mark = volume.format().mark();
            horizon = Math.max(volume.horizon(), mark == highWaterMark.mark() ? highWaterMark.horizon() : 0);
        } else if (highWaterMark.sequence() > 0 && existed) {
            structural = true;
            return "there is nothing in it";
        } else if (highWaterMark.sequence() > 0) {
            damage.add("the file of documents is gone, of which documents is not known");
        }
        if (check.fault() == null
                && !volume.isNew()
                && mark == highWaterMark.mark()
                && volume.lastSequence() < highWaterMark.sequence()) {
            structural = true;
            return "its end is missing";
        }
        return check.fault();
    }

    /** Copies a volume of an earlier version of Tutti into one of this version, and opens that. */
    private Volume upgrade(Volume old) throws IOException {
        try (old) {
            mark = old.format().mark();
            try (VolumeBuilder builder = builder(mark)) {
                long last = builder.addFormer(old);
                if (mark == highWaterMark.mark() && last < highWaterMark.sequence()) {
                    throw new IllegalStateException("its end is missing");
                }
                builder.finish(last);
            }
        }
        directory.takeNewVolume();
        return new Volume(directory.nameOf(directory.volume()), 0);
    }

    private static void refuseIfNotDamaged(MVStoreException failure) {
        if (failure.getErrorCode() == DataUtils.ERROR_UNSUPPORTED_FORMAT) {
            throw new StoreException("the documents were stored by a later version of Tutti", failure);
        }
        boolean isFromDevice =
                failure.getCause() instanceof IOException && !(failure.getCause() instanceof EOFException);
        if (failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED || isFromDevice) {
            throw new StoreException("the documents cannot be opened", failure);
        }
    }

    /** Makes a new volume of all that is sound in the one that is damaged, which is kept. */
    private void salvage() throws IOException {
        if (mark == 0) {
            throw new StoreException(
                    "the documents are damaged, and documents.waterline, which helps to save them, is missing");
        }
        String kept = directory.setAside(clockMillis.getAsLong());
        long expected = mark == highWaterMark.mark() ? highWaterMark.sequence() : 0;
        try (Salvage salvage = new Salvage(directory.volume(), mark, horizon);
                VolumeBuilder builder = builder(new SecureRandom().nextLong())) {
            int count = salvage.into(builder);
            builder.finish(Math.max(expected, salvage.lastSequence()));
            report(salvage, count, expected, kept);
        }
        directory.takeNewVolume();
    }

    private VolumeBuilder builder(long newMark) throws IOException {
        directory.deleteNewVolume(); // of an attempt that failed
        return new VolumeBuilder(directory.nameOf(directory.newVolume()), newMark);
    }

    private void report(Salvage salvage, int count, long expected, String kept) {
        LOG.log(
                Level.WARNING,
                "the file of documents is damaged (" + fault + ") and was made anew: " + count
                        + " documents were found, " + salvage.incomplete().size()
                        + " of them incomplete; the damaged file is kept as " + kept);
        salvage.incomplete().forEach(name -> damage.add("a part of document " + name + " is lost"));
        if (salvage.lastSequence() < expected) {
            damage.add("what was stored last is lost, of which documents is not known");
        } else if (structural && salvage.hasGaps()) {
            damage.add("perhaps something is lost or back that was deleted, of which documents is not known");
        }
    }

    /**
     * Copies a volume, so that every byte of it is written again, while readers go on with it. If that fails, nothing is left of the copy.
     *
     * @return whether the copy is sound; if so, {@link #takeCopy} opens it in the volume's place
     */
    boolean copy(Volume now) throws IOException {
        boolean isSound = false;
        try {
            directory.copy(now);
            Volume copy = new Volume(directory.nameOf(directory.newVolume()), 0);
            try {
                isSound = faultOf(copy, true) == null;
            } finally {
                copy.abandon();
            }
        } finally {
            if (!isSound) {
                directory.deleteNewVolume();
            }
        }
        return isSound;
    }

    /** Puts the copy in the place of the volume, which must be closed, and opens it. */
    Volume takeCopy() throws IOException {
        directory.takeNewVolume();
        return reopen();
    }

    /** Notes up to where all is acknowledged. */
    void note(Volume volume) {
        try {
            highWaterMark.note(volume.format().mark(), volume.lastSequence(), volume.horizon());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "it could not be noted how far the documents go", e);
        }
    }

    /** Notes that entries up to a sequence do not count any more, and makes that durable. */
    void noteHorizon(Volume volume, long horizon) throws IOException {
        highWaterMark.note(volume.format().mark(), volume.lastSequence(), horizon);
        highWaterMark.force();
    }

    /** Makes durable what was noted. */
    void force() throws IOException {
        highWaterMark.force();
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            highWaterMark.close();
        }
    }
}
