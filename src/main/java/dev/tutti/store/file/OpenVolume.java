package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import java.util.function.Function;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * The volume that is open now. The writer's thread alone changes it; readers on any thread wait while the writer reopens the file. Guarded by
 * this object's monitor.
 */
final class OpenVolume {
    /** Null while the file is not open; the writer's thread reads it without the monitor. */
    private volatile @Nullable Volume volume;

    /** The writer is opening the file, and readers wait for the result. */
    private boolean isReopening;

    /** Reads the last commit, on any thread; waits while the file is reopened. */
    <T> T read(Function<Snapshot, T> reader) {
        Volume used = awaitOther(null);
        try {
            return used.read(reader);
        } catch (MVStoreException e) {
            if (!used.isClosed()) {
                throw new StoreException("the documents cannot be read", e);
            }
            return awaitOther(used).read(reader);
        }
    }

    /** Returns the volume once it is open and another than one that has closed itself; throws if it cannot be opened. */
    private synchronized Volume awaitOther(@Nullable Volume closed) {
        boolean interrupted = false;
        while ((volume == null && isReopening) || (volume != null && volume == closed)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // only the pool of readers interrupts, when it ends
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Volume open = volume;
        if (open == null) {
            throw new StoreException("the documents cannot be read at the moment");
        }
        return open;
    }

    /** Returns the volume, or null if it is not open. For the writer's thread. */
    @Nullable
    Volume get() {
        return volume;
    }

    /** Returns the volume. For the writer's thread. */
    Volume require() {
        return awaitOther(null);
    }

    /** Sets the volume that the writer has opened, and wakes the readers. */
    synchronized void set(Volume opened) {
        volume = opened;
        isReopening = false;
        notifyAll();
    }

    /** Lets readers wait until {@link #set} or {@link #endReopening}. */
    synchronized void beginReopening() {
        volume = null;
        isReopening = true;
    }

    /** Wakes the readers; they fail if the volume is not open. */
    synchronized void endReopening() {
        isReopening = false;
        notifyAll();
    }
}
