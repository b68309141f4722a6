package dev.tutti.store;

import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.Entry.Head;
import dev.tutti.store.Entry.Kind;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
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
    private static final long MAX_WAIT_NANOS = 2_000_000_000L;

    private final StoreDirectory directory;
    private final LongSupplier clockMillis;
    private final Damages damages;
    private final VolumeFile file;
    private final Housekeeping housekeeping = new Housekeeping();

    private long sequence;
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
        try {
            file = new VolumeFile(directory, clockMillis, damages);
        } catch (IOException e) {
            throw new StoreException("the directory of documents cannot be used", e);
        }
        try {
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
        opened(file.open());
    }

    private void opened(Contents now) {
        // beyond what a commit that was not finished may have used
        sequence = Math.max(sequence, file.lastSequence()) + GroupCommit.MAX_GROUP;
        contents = now;
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
        file.note(now.volume(), sequence);
        if (failure != null) {
            LOG.log(Level.INFO, "documents are stored again");
            failure = null;
            waitNanos = MIN_WAIT_NANOS;
        }
    }

    private void make(Change change, Contents now) {
        if (change.kind == Kind.DELETED) {
            change.found = now.has(change.name);
            if (!change.found) {
                return;
            }
        } else if (change.kind == Kind.STATE) {
            change.others = now.load(change.name, id -> !change.covered.contains(id), damages);
            if (!change.isCurrent(now.hasAny(change.name, change.covered))) {
                return;
            }
        }
        change.id = OptionalLong.of(put(change.kind, change.name, change.content, now));
        change.others = change.others.stream() // a state ends all that came before it, so these come again
                .map(other -> new StoredUpdate(put(Kind.UPDATE, change.name, other.update(), now), other.update()))
                .toList();
    }

    /** Writes an entry. Returns its sequence. */
    private long put(Kind kind, String name, byte[] content, Contents now) {
        Head base = now.volume().base(name);
        Tail tail = now.tails().get(name);
        long previous = tail.count() > 0 ? tail.last() : base == null ? 0 : base.sequence();
        Head head = new Head(
                kind, name, ++sequence, previous, clockMillis.getAsLong(), content.length, EntryFormat.crc(content));
        now.volume().put(new Entry(head, content));
        if (kind == Kind.UPDATE) {
            now.tails().add(head);
        } else {
            now.tails().cut(name);
        }
        return sequence;
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

    private void rewrite() throws IOException {
        Contents now = contents();
        contents = null;
        opened(file.rewrite(now, sequence));
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
            file.force();
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
        try (file) {
            if (now != null) {
                now.volume().close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "the documents were not closed in order; nothing is lost", e);
        }
    }
}
