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
 * <p>The publications of a stored log need not be in memory. {@link #prepare} brings them there before the other methods need them.
 *
 * <p>Guarded by its room: the room holds its monitor when it calls a method, so no method blocks. A log that delivers from a thread of its own
 * takes the monitor of its subscriber, retains the publication and delivers it in one step, and completes the stage after it has released
 * the monitor. So a client that joins reads exactly the publications that it does not receive later.
 */
public interface RoomLog {
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
         * Delivers the next publication to the members, and to those who listen to all rooms. The caller holds the monitor of this
         * subscriber. It calls {@link #wake} after it has released the monitor, once for any number of publications; inside {@link #append}
         * the room does so itself.
         */
        default void deliver(Publication publication) {
            deliverToMembers(publication);
            notifyListeners(publication);
        }

        /** As {@link #deliver}, to the members only: in a log of several nodes each node delivers, and one notifies. */
        void deliverToMembers(Publication publication);

        /** Notifies those who listen to all rooms, at the node where the publication was published. The caller holds the monitor. */
        void notifyListeners(Publication publication);

        /**
         * Delivers news of the members, in the one order of publications and members that all nodes have. Only a log with {@link #members} calls
         * this. The caller holds the monitor, has asked {@link #requireRoom}, and calls {@link #wake} as above.
         *
         * @return whether the room lists its members now; else it only counts them, until a {@link MembersUpdate.Read} lists them
         */
        default boolean deliverMembers(MembersUpdate update) {
            throw new UnsupportedOperationException("the members of this room are all here");
        }

        /**
         * The log has lost publications that come next in its order, or does not know whether it has. The members receive nothing that is
         * delivered later until they have joined again. The caller holds the monitor, and calls {@link #wake} as above.
         */
        void lost();

        /** Wakes the threads that deliver. The caller does not hold the monitor. */
        void wake();
    }

    /** Opens the log of each room. */
    interface Factory {
        /** Returns the log of a new room, whose monitor guards it. */
        RoomLog open(String room, Subscriber subscriber);

        /** Returns whether logs need {@link #prepare}; if none does, a join costs no call for it. */
        default boolean needsPreparation() {
            return false;
        }
    }

    /**
     * Begins to bring into memory all that the other methods need, unless it is there. The room stays in memory until the stage has completed.
     *
     * @param since the last publication that a client has received, which is about to join; null if there is no such client
     * @return null if all other methods may be called now; else a stage that completes, never with a failure, when it is worth another call.
     *     The stages of one log complete in the order of the calls
     * @throws dev.tutti.security.UnavailableException if that has failed, and it is too early to try again
     * @throws LimitException if there is no memory for the publications, or too many callers wait
     */
    default @Nullable CompletionStage<?> prepare(@Nullable Position since) {
        return null;
    }

    /** Returns where the room gives its members to other nodes; null if it has no members elsewhere. Always the same. */
    default @Nullable SharedMembers members() {
        return null;
    }

    /**
     * Appends a publication, unless one with the same key is retained. The log asks {@link Subscriber#requireRoom} before it appends or sends
     * anything, but not for a publication that it knows to be retained.
     *
     * @return the position of the publication, or of the retained one; {@link Position#UNKNOWN} if the draft wants none. The stage completes
     *     when the publication is as safe as this log makes it, or fails if it is not appended. It fails with an {@link
     *     dev.tutti.security.UnavailableException} if the publication may get lost: the publisher may send it again with its key
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

    /**
     * Drops all publications. The position stays, and later publications are retained.
     *
     * @return completes when they are deleted wherever this log stores them, or fails if they are not
     */
    CompletionStage<?> clear();

    /** Returns the number of publications in memory, without preparation; 0 if this log does not count them. */
    default int retained() {
        return 0;
    }

    /** Returns whether no publication is retained. */
    boolean isEmpty();

    /** Returns whether its room stays in memory without references: the next log of that room would lack something, or read it again. */
    default boolean isNeeded() {
        return !isEmpty();
    }

    /** Returns whether its room, though needed, may leave memory to make place for another. */
    default boolean isExpendable() {
        return true;
    }

    /** Drops all publications from memory. Later ones are delivered, but not retained, or their stages fail. */
    void close();
}
