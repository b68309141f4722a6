package dev.tutti.store;

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
    private final Damages damages;
    private final Waterline waterline;

    private long lastSequence;
    /** What is wrong with the volume that was opened last. */
    private @Nullable String fault;
    /** Some of it could not even be looked at. */
    private boolean structural;
    /** Marks its entries; 0 if that is not known. */
    private long mark;

    /** Keeps other processes out. */
    VolumeFile(StoreDirectory directory, LongSupplier clockMillis, Damages damages) throws IOException {
        this.directory = directory;
        this.clockMillis = clockMillis;
        this.damages = damages;
        directory.lock();
        try {
            waterline = directory.waterline();
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** Returns the greatest sequence that there was when this was opened. */
    long lastSequence() {
        return lastSequence;
    }

    /**
     * Opens the volume. If it is damaged, opens a new one with what is sound in it.
     *
     * @throws StoreException if it cannot be opened for a reason that is not in the file
     */
    Contents open() throws IOException {
        Contents contents = openIfSound();
        if (contents == null) {
            if (!Files.exists(directory.volume())) {
                throw new IOException(fault);
            }
            salvage();
            contents = openIfSound();
        }
        if (contents == null) {
            throw new IOException("what was saved of the documents cannot be read: " + fault);
        }
        return contents;
    }

    /** Opens the volume if it is sound, or new; else returns null. */
    private @Nullable Contents openIfSound() {
        Volume volume = null;
        structural = true;
        mark = waterline.mark();
        boolean existed = Files.exists(directory.volume());
        try {
            volume = new Volume(directory.nameOf(directory.volume()), new SecureRandom().nextLong());
            Inspection inspection = new Inspection(volume);
            fault = inspection.fault();
            structural = inspection.isUnreadable();
            if (!volume.isNew()) {
                mark = volume.format().mark();
            } else if (waterline.sequence() > 0 && existed) {
                fault = "there is nothing in it";
                structural = true;
            } else if (waterline.sequence() > 0) {
                damages.add("the file of documents is gone, of which documents is not known");
            }
            if (fault == null
                    && !volume.isNew()
                    && mark == waterline.mark()
                    && inspection.lastSequence() < waterline.sequence()) {
                fault = "its end is missing";
                structural = true;
            }
            if (fault == null) {
                volume.commit();
                directory.sync();
                lastSequence = inspection.lastSequence();
                note(volume, lastSequence);
                return new Contents(volume, inspection.tails());
            }
        } catch (MVStoreException e) {
            refuseIfNotDamaged(e);
            fault = "it cannot be opened: " + e.getMessage();
        } catch (IllegalArgumentException | IllegalStateException | AssertionError e) {
            fault = "it makes no sense: " + e.getMessage();
        }
        if (volume != null) {
            volume.abandon();
        }
        return null;
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
        long expected = mark == waterline.mark() ? waterline.sequence() : 0;
        try (Salvage salvage = new Salvage(directory.volume(), mark);
                VolumeBuilder builder = builder(new SecureRandom().nextLong())) {
            int count = salvage.into(builder);
            builder.finish(Math.max(expected, salvage.lastSequence()));
            report(salvage, count, expected, kept);
        }
        directory.takeNewVolume();
    }

    private VolumeBuilder builder(long newMark) throws IOException {
        Files.deleteIfExists(directory.newVolume()); // of an attempt that failed
        return new VolumeBuilder(directory.nameOf(directory.newVolume()), newMark);
    }

    private void report(Salvage salvage, int count, long expected, String kept) {
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

    /** Writes all that can be read into a new file, every byte of it, and opens that. */
    Contents rewrite(Contents now, long sequence) throws IOException {
        try (VolumeBuilder builder = builder(now.volume().format().mark())) {
            builder.addAll(now);
            builder.finish(sequence);
        }
        now.volume().abandon();
        directory.takeNewVolume();
        return open();
    }

    /** Notes up to where all is acknowledged. */
    void note(Volume volume, long sequence) {
        try {
            waterline.note(volume.format().mark(), sequence);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "it could not be noted how far the documents go", e);
        }
    }

    /** Makes durable what was noted. */
    void force() throws IOException {
        waterline.force();
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            waterline.close();
        }
    }
}
