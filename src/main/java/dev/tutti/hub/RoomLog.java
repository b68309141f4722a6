package dev.tutti.hub;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The publications of one room in their order: it gives each an offset, retains the latest, and finds repeated ones by key.
 *
 * <p>A publication takes two steps. {@link #append} stores it and acknowledges it to its publisher. {@link Subscriber#deliver} brings it
 * to the room's members: each publication once, in the order of the offsets, whoever appended it. Which of the two ends first is open: a
 * log in memory does both before {@code append} returns; a log that is stored or shared by several nodes acknowledges after its commit,
 * and also delivers the publications of other nodes.
 *
 * <p>Guarded by its room: the room calls every method with its monitor held, so no method waits or calls code that does. A log that
 * delivers by itself takes the same monitor to retain a publication and to deliver it, in one step. So a
 * client that joins reads exactly the publications that are not going to be delivered to it.
 */
interface RoomLog {
    /** The room that a log delivers to. */
    interface Subscriber {
        /**
         * Delivers the next publication. The caller holds the room's monitor, and calls {@link #wake} after it has released it, once for any
         * number of publications; inside {@link #append} the room does so itself.
         */
        void deliver(Publication publication);

        /** Wakes the threads that deliver. The caller does not hold the room's monitor. */
        void wake();
    }

    /** Opens the log of each room. */
    interface Factory {
        /** Returns the log of a room that has just been created, and is the log's monitor. */
        RoomLog open(String room, Subscriber subscriber);
    }

    /**
     * Appends a publication, unless one with the same key is retained.
     *
     * @return the position of the publication, or of the retained one; {@link Position#UNKNOWN} if the draft wants none. The stage completes
     *     when the publication is as safe as this log makes it, or fails if it is not appended
     */
    CompletionStage<Position> append(Draft draft, long nowNanos);

    /** Returns the position of a retained publication by its key; null if there is none, or this log cannot say so without waiting. */
    @Nullable
    Position find(String key, long nowNanos);

    /**
     * Returns the result of a join at this point of the order.
     *
     * @param since the last publication that the client has received; null if it has received none
     */
    JoinResult joined(@Nullable Position since, Members members);

    /** Returns the first publications after a position: all that are retained, but at most {@code max}. */
    HistoryPage since(Position since, int max);

    /** Returns the last publications before a position: all that are retained, but at most {@code max}. */
    HistoryPage before(Position before, int max);

    /** Returns the last publications, at most {@code max}. */
    HistoryPage latest(int max);

    /** Drops publications that are too old. */
    void trim(long nowNanos);

    /** Returns whether no publication is retained. */
    boolean isEmpty();

    /** Drops all publications; later ones are delivered, but not retained. */
    void close();
}
