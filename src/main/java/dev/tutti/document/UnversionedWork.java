package dev.tutti.document;

import dev.tutti.document.Version.Writers;
import dev.tutti.security.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The documents that clients of this server have changed since their last versions. It outlives the unload of a document, not the process. Safe
 * for any thread.
 *
 * <p>Time is divided into <b>slots</b>, which are the same on all servers, so that the servers of a cluster make one version of a slot. Those of
 * two documents begin at different times, so that the versions of many are not due at once.
 */
final class UnversionedWork {
    /** Upper bound of the documents; the versions of further ones have to wait for their next change. */
    private static final int MAX_DOCUMENTS = 100_000;

    /** Upper bound of the length of a user's name. */
    private static final int MAX_NAME = 200;

    /** The changes of a document. */
    static final class Work {
        private final long slotEndMillis;
        // Written under this.
        private Writers writers = Writers.NONE;
        private volatile boolean isTaken;

        Work(long slotEndMillis) {
            this.slotEndMillis = slotEndMillis;
        }

        /** Returns whether a version has, or will have, all changes so far: later ones are another work. */
        boolean isTaken() {
            return isTaken;
        }

        /** Adds writers; returns false if the work is taken. */
        synchronized boolean add(Writers more) {
            if (!isTaken) {
                writers = writers.joinedWith(more);
            }
            return !isTaken;
        }

        private synchronized Writers take() {
            isTaken = true;
            return writers;
        }
    }

    private final ConcurrentMap<String, Work> works = new ConcurrentHashMap<>();
    private final long slotMillis;

    /** @param slotMinutes length of a slot; 0 if there are no automatic versions */
    UnversionedWork(int slotMinutes) {
        this.slotMillis = TimeUnit.MINUTES.toMillis(slotMinutes);
    }

    /** Notes that a document has changes, by these writers; returns the work, which may be taken at any time, or null if too many have changes. */
    @Nullable
    Work changed(String document, Writers writers, long nowMillis) {
        while (works.size() < MAX_DOCUMENTS || works.containsKey(document)) {
            Work work = works.computeIfAbsent(document, name -> new Work(slotEnd(name, nowMillis)));
            if (work.add(writers)) {
                return work;
            }
            works.remove(document, work);
        }
        return null;
    }

    private long slotEnd(String document, long nowMillis) {
        if (slotMillis == 0) {
            return Long.MAX_VALUE;
        }
        long phase = Math.floorMod(document.hashCode(), slotMillis);
        return Math.floorDiv(nowMillis + phase, slotMillis) * slotMillis - phase + slotMillis;
    }

    /** Returns the writers of a document since the last call; empty for none. */
    Writers take(String document) {
        Work work = works.remove(document);
        return work == null ? Writers.NONE : work.take();
    }

    /** Forgets the changes of a document that was deleted. */
    void forget(String document) {
        works.remove(document);
    }

    /** Returns the documents whose slots have ended, {@code max} at most. */
    List<String> due(long nowMillis, int max) {
        List<String> due = new ArrayList<>();
        for (var entry : works.entrySet()) {
            if (entry.getValue().slotEndMillis <= nowMillis && due.size() < max) {
                due.add(entry.getKey());
            }
        }
        return due;
    }

    /** Returns the end of a document's slot; null if nobody has changed it. */
    @Nullable
    Long slotEndMillis(String document) {
        Work work = works.get(document);
        return work == null ? null : work.slotEndMillis;
    }

    /** Returns the writer that a user's name says; one of guests is not recorded. */
    static Writers writer(String user) {
        boolean isGuest = user.isEmpty() || Identity.isGuestName(user);
        return isGuest
                ? new Writers(List.of(), true)
                : new Writers(List.of(user.length() > MAX_NAME ? user.substring(0, MAX_NAME) : user), false);
    }
}
