package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import dev.tutti.store.queue.StoreClock;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.security.SecureRandom;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The volume of a directory as a file: opens it and checks every entry, salvages the sound entries of a damaged one, copies a suspect one.
 * Confined to the writer.
 */
final class VolumeFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    private static final long UNCHECKED = -1;

    private static final String UNKNOWN = "; the affected documents are unknown";

    private final StoreDirectory directory;
    private final StoreClock clock;
    private final DamageLog damage;
    private final HighWaterMark highWaterMark;

    /** The fault of the volume that was opened last. */
    private @Nullable String fault;
    /** The losses of that volume up to this sequence are known by name; {@link #UNCHECKED} if any may be unknown. */
    private long checkedSequence;
    /** The mark of that volume's entries; 0 if it is unknown. */
    private long mark;
    /** The horizon of that volume. */
    private long horizon;

    /** Locks the directory against other processes. */
    VolumeFile(StoreDirectory directory, StoreClock clock, DamageLog damage) throws IOException {
        this.directory = directory;
        this.clock = clock;
        this.damage = damage;
        directory.lock();
        try {
            highWaterMark = directory.highWaterMark(clock.nanos());
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /**
     * Opens the volume. If it is damaged, replaces it by a new one with its sound entries.
     *
     * @throws StoreException if the cause of a failure is outside the file
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
            throw new IOException("the salvaged documents cannot be read: " + fault);
        }
        return volume;
    }

    /** Opens again the volume that this process has checked, as the last commit left it; reads little of it. */
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
            LOG.log(Level.DEBUG, "the file of documents is checked before it is opened again", e);
        } finally {
            if (!isComplete) {
                volume.abandon();
            }
        }
        return open();
    }

    /** Opens the volume if it is sound or new; else returns null. */
    private @Nullable Volume openIfSound() throws IOException {
        checkedSequence = UNCHECKED;
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
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException | AssertionError | OutOfMemoryError e) {
            fault = "it is inconsistent: " + e; // MVStore does not check all references and lengths that it reads
        } finally {
            if (volume != null && !isSound) {
                volume.abandon();
            }
        }
        return null;
    }

    /** Returns the fault of a volume, or null if it is sound. */
    private @Nullable String faultOf(Volume volume, boolean existed) {
        VolumeCheck check = new VolumeCheck(volume);
        checkedSequence = check.hasUnknownLosses() ? UNCHECKED : volume.lastSequence();
        if (!volume.isNew()) {
            mark = volume.format().mark();
            horizon = Math.max(volume.horizon(), mark == highWaterMark.mark() ? highWaterMark.horizon() : 0);
        } else if (highWaterMark.sequence() > 0 && existed) {
            checkedSequence = UNCHECKED;
            return "it is empty";
        } else if (highWaterMark.sequence() > 0) {
            damage.add("the file of documents is missing" + UNKNOWN);
        }
        if (check.fault() == null
                && !volume.isNew()
                && mark == highWaterMark.mark()
                && volume.lastSequence() < highWaterMark.sequence()) {
            return "its end is missing";
        }
        return check.fault();
    }

    /** Copies a volume of a former format into one of the current format, and opens that. */
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

    /** Replaces a damaged volume by a new one with its sound entries, and keeps the damaged file. */
    private void salvage() throws IOException {
        if (mark == 0) {
            throw new StoreException(
                    "the documents are damaged, and documents.waterline, which a salvage needs, is missing");
        }
        String kept = directory.setAside(clock.millis().getAsLong());
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
        directory.deleteNewVolume(); // of a failed attempt
        return new VolumeBuilder(directory.nameOf(directory.newVolume()), newMark);
    }

    private void report(Salvage salvage, int count, long expected, String kept) {
        LOG.log(
                Level.WARNING,
                "the file of documents is damaged (" + fault + ") and was replaced: " + count
                        + " documents are salvaged, " + salvage.incomplete().size()
                        + " of them incomplete; the damaged file is kept as " + kept);
        salvage.incomplete().forEach(name -> damage.add("a part of document " + name + " is lost"));
        if (salvage.lastSequence() < expected) {
            damage.add("the last updates are lost" + UNKNOWN);
        } else if (checkedSequence == UNCHECKED || salvage.hasGapsAfter(checkedSequence)) {
            damage.add("updates may be lost, and deleted ones may be back" + UNKNOWN);
        }
    }

    /**
     * Copies a volume, so that every byte of it is written again, while readers use it. Deletes the copy if that fails.
     *
     * @return whether the copy is sound; if so, {@link #takeCopy} replaces the volume by it
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

    /** Replaces the volume, which must be closed, by the copy, and opens that. */
    Volume takeCopy() throws IOException {
        directory.takeNewVolume();
        return reopen();
    }

    /** Notes the last sequence of a commit. */
    void note(Volume volume) {
        try {
            highWaterMark.note(volume.format().mark(), volume.lastSequence(), volume.horizon());
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the file documents.waterline cannot be written; a damaged end of the documents might go unnoticed",
                    e);
        }
    }

    /** Notes a new horizon, and makes the note durable. */
    void noteHorizon(Volume volume, long horizon) throws IOException {
        highWaterMark.note(volume.format().mark(), volume.lastSequence(), horizon);
        highWaterMark.force();
    }

    /** Makes the last note durable. */
    void force() throws IOException {
        highWaterMark.force();
    }

    /** Makes the last note durable if the last sync is a second ago. */
    void forceIfDue() throws IOException {
        highWaterMark.forceIfDue();
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            highWaterMark.close();
        }
    }
}
