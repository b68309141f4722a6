package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Kind;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.GroupCommit;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the volume of a directory, and opens it again when that has failed: MVStore closes itself then. Confined to the writer's thread, but
 * for {@link #read}.
 */
final class FileWriter implements GroupCommit.Target {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    /** Must be free beside the bytes of a commit, so that compacting works. */
    private static final long RESERVE_BYTES = 1L << 20;

    private static final long MIN_WAIT_NANOS = 100_000_000L;
    private static final long MAX_WAIT_NANOS = 2_000_000_000L;

    private static final long RETRY_MILLIS = 1_000;

    private static final String NO_SPACE = "no space is left on the device of the documents";
    private static final String NO_MEMORY = "the server has not enough memory to write the documents";
    private static final String FAILED = "the documents cannot be written";

    private final StoreDirectory directory;
    private final LongSupplier clockMillis;
    private final LongSupplier nanoTime;
    private final Damages damages;
    private final VolumeFile file;
    private final Housekeeping housekeeping;
    private final Purge purge;

    private long sequence;
    /** The last commit may not be on the disk although it can be read: the file is copied before the next. */
    private boolean suspect;

    private long waitNanos = MIN_WAIT_NANOS;
    private long failedNanos;
    private @Nullable StoreException failure;

    private final Object opening = new Object();

    /** Written by the writer's thread alone, under {@link #opening}; null while the file is not open. */
    private volatile @Nullable Volume volume;

    /** How many documents there were after the last commit; written by the writer's thread alone. */
    private volatile long count;

    /** The file will be open again, or known not to be, in a moment; guarded by {@link #opening}. */
    private boolean isOpening;

    FileWriter(StoreDirectory directory, LongSupplier clockMillis, LongSupplier nanoTime, Damages damages) {
        this.directory = directory;
        this.clockMillis = clockMillis;
        this.nanoTime = nanoTime;
        this.damages = damages;
        housekeeping = new Housekeeping(nanoTime);
        purge = new Purge(damages, () -> ++sequence);
        try {
            file = new VolumeFile(directory, clockMillis, damages);
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

    /** Reads what the last commit left; for any thread. Waits while the file is opened again. */
    <T> T read(Function<Contents, T> reader) {
        Volume now = readable(null);
        try {
            return now.read(reader);
        } catch (MVStoreException e) {
            if (!now.isClosed()) {
                throw new StoreException("the documents cannot be read", e);
            }
            return readable(now).read(reader);
        }
    }

    /** Returns how many documents there were after the last commit; for any thread, without waiting. */
    long count() {
        return count;
    }

    /** Returns the volume, but not the one that is closed. */
    private Volume readable(@Nullable Volume closed) {
        synchronized (opening) {
            boolean interrupted = false;
            while ((volume == null && isOpening) || (volume != null && volume == closed)) {
                try {
                    opening.wait();
                } catch (InterruptedException e) {
                    interrupted = true; // only the pool of readers does so, when it ends
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (volume == null) {
                throw new StoreException("the documents cannot be read at the moment");
            }
            return volume;
        }
    }

    /** Has readers wait from here, until {@link #opened} or {@link #notOpened}. */
    private void closed() {
        synchronized (opening) {
            volume = null;
            isOpening = true;
        }
    }

    private void notOpened() {
        synchronized (opening) {
            isOpening = false;
            opening.notifyAll();
        }
    }

    private Volume opened(Volume now) {
        // beyond what a commit that was not finished may have used
        sequence = Math.max(sequence, now.lastSequence()) + GroupCommit.MAX_GROUP;
        count = now.catalog().sizeAsLong();
        synchronized (opening) {
            volume = now;
            isOpening = false;
            opening.notifyAll();
        }
        return now;
    }

    @Override
    public void commit(List<Change> changes) {
        Volume now = writable();
        requireRoom(RESERVE_BYTES
                + (long) changes.size() * Volume.PAGE_BYTES
                + 2 * changes.stream().mapToLong(Change::bytes).sum());
        long before = now.lastSequence();
        try {
            for (Change change : changes) {
                make(change, now);
            }
            if (now.lastSequence() != before) {
                housekeeping.beforeCommit(now);
                now.commit();
            }
        } catch (RuntimeException | Error e) {
            throw failed(now, e);
        }
        if (now.lastSequence() != before) {
            count = now.catalog().sizeAsLong();
            file.note(now);
        }
        if (failure != null) {
            LOG.log(Level.INFO, "documents are stored again");
            failure = null;
            waitNanos = MIN_WAIT_NANOS;
        }
    }

    private void make(Change change, Volume now) {
        if (change.kind == Change.Kind.REPLACE) {
            Set<Long> there = new HashSet<>();
            change.others = now.load(change.name, id -> !(change.covered.contains(id) && there.add(id)), damages);
            if (!change.isCurrent(!there.isEmpty())) {
                return;
            }
        }
        Draft draft = now.stage(change.name, change.content, ++sequence);
        List<Draft> others = change.others.stream() // a state ends all that came before it, so these come again
                .map(other -> now.stage(change.name, other.update(), ++sequence))
                .toList();
        long millis = clockMillis.getAsLong();
        change.found = now.write(kindOf(change), draft, millis);
        change.id = OptionalLong.of(draft.sequence());
        others.forEach(other -> now.write(Kind.UPDATE, other, millis));
        change.others = others.stream()
                .map(other -> new StoredUpdate(other.sequence(), other.content()))
                .toList();
    }

    private static Kind kindOf(Change change) {
        return switch (change.kind) {
            case APPEND -> Kind.UPDATE;
            case REPLACE -> Kind.STATE;
            case DELETE -> Kind.DELETED;
        };
    }

    private void requireRoom(long bytes) {
        if (directory.usableBytes() < bytes) {
            throw noted(new StoreException(NO_SPACE));
        }
    }

    /** Writing has failed, and nobody knows how much of it was done. Goes back to the last commit. */
    private StoreException failed(Volume now, Throwable cause) {
        closed();
        purge.reset();
        suspect |= isDiskInDoubt(cause);
        StoreException reported = noted(new StoreException(reason(cause), cause));
        try {
            now.abandon();
            opened(file.reopen()).garbage().inherit(now.garbage());
            noteSuspect();
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the documents cannot be opened again, which will be tried later", e);
        } finally {
            notOpened();
        }
        return reported;
    }

    private StoreException noted(StoreException reported) {
        if (failure == null) {
            LOG.log(Level.ERROR, "documents are not stored until this is over: " + reported.getMessage(), reported);
        }
        failure = reported;
        failedNanos = nanoTime.getAsLong();
        waitNanos = Math.min(2 * waitNanos, MAX_WAIT_NANOS);
        return reported;
    }

    /** Returns the volume once it can be written. After a failure, all fail for a while, each time longer; then it is tried again. */
    private Volume writable() {
        StoreException last = failure;
        if (last != null && nanoTime.getAsLong() - failedNanos < waitNanos) {
            throw new StoreException(String.valueOf(last.getMessage()), last);
        }
        try {
            Volume now = open();
            return suspect ? rewrite(now) : now;
        } catch (IOException | RuntimeException | Error e) {
            throw e == failure ? failure : noted(new StoreException(reason(e), e));
        }
    }

    private Volume open() throws IOException {
        Volume now = volume;
        return now == null ? opened(file.open()) : now;
    }

    /** Writes every byte of the file again, into a new file. Until that is complete, readers go on with the old one. */
    private Volume rewrite(Volume now) throws IOException {
        noteSuspect();
        requireRoom(RESERVE_BYTES + now.fileBytes());
        boolean isSound = file.copy(now);
        closed();
        Volume written;
        try {
            now.abandon();
            written = opened(isSound ? file.takeCopy() : file.open());
        } finally {
            notOpened();
        }
        written.garbage().inherit(now.garbage());
        suspect = false;
        noteSuspect();
        return written;
    }

    private void noteSuspect() throws IOException {
        directory.setSuspect(suspect);
    }

    private static String reason(Throwable failure) {
        return isOutOfSpace(failure) ? NO_SPACE : isOutOfMemory(failure) ? NO_MEMORY : FAILED;
    }

    /** Returns whether the disk may have lost what it said it has; not if we ran out of memory, or it has no space. */
    private static boolean isDiskInDoubt(Throwable failure) {
        return isFromSync(failure) || !(isOutOfSpace(failure) || isOutOfMemory(failure));
    }

    private static boolean isOutOfMemory(Throwable failure) {
        return hasCause(failure, VirtualMachineError.class::isInstance);
    }

    private static boolean isOutOfSpace(Throwable failure) {
        return hasCause(
                failure,
                cause -> cause instanceof IOException
                        && (String.valueOf(cause.getMessage()).contains("No space left")
                                || String.valueOf(cause.getMessage()).contains("not enough space")
                                || String.valueOf(cause.getMessage()).contains("quota exceeded")));
    }

    private static boolean isFromSync(Throwable failure) {
        return hasCause(failure, cause -> String.valueOf(cause.getMessage()).startsWith("Could not sync"));
    }

    private static boolean hasCause(Throwable failure, Predicate<Throwable> which) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (which.test(cause)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long idle() {
        if (failure != null) {
            openForReaders();
            return RETRY_MILLIS;
        }
        Volume now = readable(null);
        try {
            file.force();
            long waitMillis = housekeeping.idle(now);
            if (waitMillis < Housekeeping.LATER_MILLIS || !purge.isDue(now)) {
                return waitMillis;
            }
            purge(now);
            return Housekeeping.SOON_MILLIS;
        } catch (IOException e) {
            throw noted(new StoreException(FAILED, e));
        } catch (RuntimeException | Error e) {
            throw failed(now, e);
        }
    }

    /** Called when there is nothing obsolete. */
    private void purge(Volume now) throws IOException {
        requireRoom(RESERVE_BYTES + Purge.MAX_STEP_BYTES);
        long horizon = purge.step(now);
        if (horizon > 0) {
            now.commit();
            file.noteHorizon(now, horizon);
            now.setHorizon(horizon);
        }
        now.commit();
        file.note(now);
        housekeeping.changed();
    }

    /** Documents can be read again as soon as the file can be opened, whether somebody writes or not. */
    private void openForReaders() {
        try {
            open();
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "the documents cannot be opened yet", e);
        }
    }

    @Override
    public void end() {
        Volume now = volume;
        closed();
        notOpened();
        try (file) {
            if (now != null) {
                now.close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "the documents were not closed in order; nothing is lost", e);
        }
    }
}
