package dev.tutti.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of a room, and the presence events of each change. Guarded by its room.
 *
 * <p>Normally each change is an event of its own. In a room with more members than are listed that would be a flood; such a room is
 * <b>crowded</b>: one event announces that members are only counted, {@link #recount} announces their number now and then, and another event
 * lists all when the room is small again. The room broadcasts the returned events in their order; null means no event.
 *
 * <p>In a room of one node a change takes effect at once ({@link LocalRoster}). In a room that several nodes share it takes effect where {@link
 * #deliver} brings it, in the one order of all nodes ({@link SharedRoster}).
 */
interface Roster {
    /** Broadcasts events at this point of the room's order. */
    @FunctionalInterface
    interface Broadcaster {
        /**
         * Broadcasts an event to all members of this node.
         *
         * @param except the one that does not receive it; null for none
         */
        void broadcast(RoomEvent event, @Nullable Client except);
    }

    /** Adds a client; the event is for the others, so the client itself must become a member of its shard behind it. */
    @Nullable
    RoomEvent add(Client client, Member member);

    /** Removes a client; the event is for the others. */
    @Nullable
    RoomEvent remove(Client client);

    /** Returns the member that a client of this node is; null if it is none. */
    @Nullable
    Member get(Client client);

    /** Returns a member with another state, without changing this roster; null if the client is no member. */
    default @Nullable Member withState(Client client, @Nullable String state) {
        Member member = get(client);
        return member == null ? null : member.withState(state);
    }

    /** Replaces a member by one with another state. */
    @Nullable
    RoomEvent replace(Client client, Member member);

    /** Returns the number of members of a crowded room if it has changed since the last event. */
    @Nullable
    RoomEvent recount();

    /** Counts observations, which receive presence events without being members; negative for fewer. */
    void addPresenceReceivers(int more);

    /** Returns all members, however many; in a crowded room of several nodes those of this node. */
    List<Member> all();

    /** Returns the members, only counted if the room is crowded. */
    Members list();

    /** As above, for a member of this node, which it includes. */
    Members listFor(Client client);

    /** As {@link RoomLog.Subscriber#deliverMembers}; the events are broadcast in their order. */
    boolean deliver(MembersUpdate update, Broadcaster broadcaster);

    /** Releases the memory of the list. */
    void close();
}
