package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.StoreClock;
import dev.tutti.store.queue.WriteBackoff;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Keeps documents in the volume of a directory. After a failed commit, when MVStore has closed itself, opens the volume again as the last commit
 * left it. Reads are safe for any thread, all else is confined to the writer's thread.
 */
final class FileBackend implements Backend {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    /** Must be free beside the bytes of a commit, so that compacting works. */
    private static final long RESERVE_BYTES = 1L << 20;

    private static final long FIRST_WAIT_NANOS = 200_000_000L;
    private static final long MAX_WAIT_NANOS = 2_000_000_000L;

    /** Time between two attempts to open the file for readers while writes fail. */
    private static final long REOPEN_MILLIS = 1_000;

    /** Time between two attempts to purge while there is too little space for it. */
    private static final long NO_SPACE_MILLIS = 60_000;

    private final StoreDirectory directory;
    private final StoreClock clock;
    private final DamageLog damage;
    private final VolumeFile file;
    private final OpenVolume open = new OpenVolume();
    private final Housekeeping housekeeping;
    private final Purge purge;
    private final ChangeWriter writer;
    private final WriteBackoff backoff;

    /** Of the newest entry. */
    private long sequence;
    /** The disk may lack the last commit although it can be read: the file is copied before the next commit. */
    private boolean suspect;

    /** Number of documents after the last commit; the writer's thread alone writes it. */
    private volatile long count;

    /** Opens the volume. */
    FileBackend(StoreDirectory directory, StoreClock clock, DamageLog damage) {
        this.directory = directory;
        this.clock = clock;
        this.damage = damage;
        housekeeping = new Housekeeping(clock.nanos());
        purge = new Purge(damage, () -> ++sequence);
        writer = new ChangeWriter(damage, clock.millis(), () -> ++sequence);
        backoff = new WriteBackoff(LOG, clock.nanos(), FIRST_WAIT_NANOS, MAX_WAIT_NANOS);
        try {
            file = new VolumeFile(directory, clock, damage);
        } catch (IOException e) {
            throw new StoreException("the directory of documents cannot be used", e);
        }
        try {
            suspect = directory.isSuspect();
            opened(file.open());
        } catch (IOException e) {
            directory.close();
            throw new StoreException("the directory of documents cannot be used", e);
        } catch (RuntimeException | Error e) {
            directory.close();
            throw e;
        }
    }

    @Override
    public List<StoredUpdate> load(String name) {
        return open.read(snapshot -> snapshot.load(name, damage));
    }

    @Override
    public List<StoredUpdate> load(String name, LongPredicate reserve) {
        return open.read(snapshot -> snapshot.load(name, reserve, damage));
    }

    @Override
    public List<StoredDocument> list(String prefix, String after, int max) {
        return open.read(snapshot -> snapshot.list(prefix, after, max));
    }

    @Override
    public long count() {
        return count;
    }

    /** Returns a text for each loss that was found. */
    List<String> damage() {
        return damage.all();
    }

    private Volume opened(Volume volume) {
        // beyond the sequences that an unfinished commit may have used
        sequence = Math.max(sequence, volume.lastSequence()) + MAX_CHANGES;
        count = volume.catalog().sizeAsLong();
        open.set(volume);
        return volume;
    }

    @Override
    public void commit(List<Change> changes) {
        Volume volume = writableVolume();
        requireSpace(RESERVE_BYTES
                + (long) changes.size() * Volume.PAGE_BYTES
                + 2
                        * changes.stream()
                                .mapToLong(change -> ChangeWriter.bytesOf(change, volume))
                                .sum());
        long before = volume.lastSequence();
        try {
            for (Change change : changes) {
                writer.apply(change, volume);
            }
            if (volume.lastSequence() != before) {
                housekeeping.beforeCommit(volume);
                volume.commit();
            }
        } catch (RuntimeException | Error e) {
            throw failed(volume, e);
        }
        if (volume.lastSequence() != before) {
            count = volume.catalog().sizeAsLong();
            file.note(volume);
        }
        backoff.succeeded();
    }

    private void requireSpace(long bytes) {
        if (directory.usableBytes() < bytes) {
            throw backoff.failed(new StoreException(FailureCause.NO_SPACE));
        }
    }

    /** Opens the last commit again after a failure that may have written a part of the changes. Returns the exception to throw. */
    private StoreException failed(Volume volume, Throwable cause) {
        open.beginReopening();
        purge.reset();
        suspect |= FailureCause.isDiskInDoubt(cause);
        StoreException reported = backoff.failed(new StoreException(FailureCause.reason(cause), cause));
        try {
            volume.abandon();
            opened(file.reopen()).garbage().inherit(volume.garbage());
            noteSuspect();
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the documents cannot be opened again; the store tries again", e);
        } finally {
            open.endReopening();
        }
        return reported;
    }

    /** Returns the volume for a commit; throws while writes are not to be tried after a failure. */
    private Volume writableVolume() {
        backoff.requireElapsed();
        try {
            Volume volume = openVolume();
            return suspect ? rewrite(volume) : volume;
        } catch (IOException | RuntimeException | Error e) {
            throw backoff.isLast(e)
                    ? (StoreException) e
                    : backoff.failed(new StoreException(FailureCause.reason(e), e));
        }
    }

    private Volume openVolume() throws IOException {
        Volume volume = open.get();
        return volume == null ? opened(file.open()) : volume;
    }

    /** Writes every byte of the file again, into a new file. Until that is complete, readers use the old one. */
    private Volume rewrite(Volume volume) throws IOException {
        noteSuspect();
        requireSpace(RESERVE_BYTES + volume.fileBytes());
        boolean isSound = file.copy(volume);
        open.beginReopening();
        Volume rewritten;
        try {
            volume.abandon();
            rewritten = opened(isSound ? file.takeCopy() : file.open());
        } finally {
            open.endReopening();
        }
        rewritten.garbage().inherit(volume.garbage());
        suspect = false;
        noteSuspect();
        return rewritten;
    }

    private void noteSuspect() throws IOException {
        directory.setSuspect(suspect);
    }

    @Override
    public long maintain() {
        if (backoff.isFailing()) {
            openForReaders();
            return REOPEN_MILLIS;
        }
        Volume volume = open.require();
        try {
            return maintain(volume);
        } catch (IOException e) {
            throw backoff.failed(new StoreException(FailureCause.FAILED, e));
        } catch (RuntimeException | Error e) {
            throw failed(volume, e);
        }
    }

    private long maintain(Volume volume) throws IOException {
        long startNanos = clock.nanos().getAsLong();
        if (!housekeeping.checkIdle()) {
            file.forceIfDue();
            return Housekeeping.IDLE_MILLIS; // the next change may come soon
        }
        file.force();
        if (!housekeeping.removeGarbage(volume) && !purge(volume) && !housekeeping.compact(volume)) {
            return purge.isDue(volume) ? NO_SPACE_MILLIS : UNTIL_NEXT_COMMIT;
        }
        return housekeeping.pauseMillis(startNanos);
    }

    /** Does a step of a purge. Returns false if none is due, or there is too little space. */
    private boolean purge(Volume volume) throws IOException {
        if (!purge.isDue(volume) || directory.usableBytes() < RESERVE_BYTES + Purge.MAX_STEP_BYTES) {
            return false;
        }
        if (purge.step(volume, file)) {
            housekeeping.changed();
        }
        return true;
    }

    /** Opens the volume as soon as the file can be opened, so that documents can be read before the next write. */
    private void openForReaders() {
        try {
            openVolume();
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "the documents cannot be opened yet", e);
        }
    }

    @Override
    public void close() {
        Volume volume = open.get();
        open.beginReopening();
        open.endReopening();
        try (file) {
            if (volume != null) {
                volume.close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "closing the file of documents failed; no confirmed update is lost", e);
        }
    }
}
