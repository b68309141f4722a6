package dev.tutti.hub;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The publications of one room in their order: it gives each an offset, retains the latest, and finds repeated ones by key.
 *
 * <p>A publication takes two steps. {@link #append} stores it and acknowledges it to its publisher. {@link Subscriber#deliver} brings it
 * to the room's members: each publication once, in the order of the offsets, also those of other nodes. A log in memory takes both steps before
 * {@code append} returns. A log that is stored or shared by several nodes acknowledges after its commit, before or after the delivery,
 * and also delivers the publications of other nodes.
 *
 * <p>Guarded by its room: the room holds its monitor when it calls a method, so no method blocks. A log that delivers from a thread of its own
 * takes the monitor of its subscriber, retains the publication and delivers it in one step, and completes the stage after it has released
 * the monitor. So a client that joins reads exactly the publications that it does not receive later.
 */
interface RoomLog {
    /** The room that a log delivers to. */
    interface Subscriber {
        /**
         * Refuses a publication that its mailboxes have no room for. Called inside {@link #append}, under the monitor.
         *
         * @param bytes of memory of the publication
         * @throws LimitException if too much waits in this room, or in all
         */
        void requireRoom(int bytes);

        /**
         * Delivers the next publication. The caller holds the monitor of this subscriber. It calls {@link #wake} after it has released the
         * monitor, once for any number of publications; inside {@link #append} the room does so itself.
         */
        void deliver(Publication publication);

        /** Wakes the threads that deliver. The caller does not hold the monitor. */
        void wake();
    }

    /** Opens the log of each room. */
    interface Factory {
        /** Returns the log of a new room, whose monitor guards it. */
        RoomLog open(String room, Subscriber subscriber);
    }

    /**
     * Appends a publication, unless one with the same key is retained. The log asks {@link Subscriber#requireRoom} before it appends or sends
     * anything, but not for a publication that it knows to be retained.
     *
     * @return the position of the publication, or of the retained one; {@link Position#UNKNOWN} if the draft wants none. The stage completes
     *     when the publication is as safe as this log makes it, or fails if it is not appended
     * @throws LimitException if the subscriber refuses the publication; nothing is appended then
     */
    CompletionStage<Position> append(Draft draft, long nowNanos);

    /**
     * Returns the result of a join at this point of the order.
     *
     * @param since the last publication that the client has received; null if it has received none
     */
    JoinResult joined(@Nullable Position since, Members members);

    /** Returns the first publications after a position: all retained ones, but at most {@code max}. */
    HistoryPage since(Position since, int max);

    /** Returns the last publications before a position: all retained ones, but at most {@code max}. */
    HistoryPage before(Position before, int max);

    /** Returns the last publications, at most {@code max}. */
    HistoryPage latest(int max);

    /** Drops publications that are too old. */
    void trim(long nowNanos);

    /** Drops all publications. The position stays, and later publications are retained. */
    void clear();

    /** Returns whether no publication is retained. */
    boolean isEmpty();

    /** Drops all publications; later ones are delivered, but not retained. */
    void close();
}
