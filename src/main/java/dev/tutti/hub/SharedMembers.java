package dev.tutti.hub;

/**
 * Gives the members that a room has on this node to all nodes. They come back, in the one order of all nodes, by {@link
 * RoomLog.Subscriber#deliverMembers}. Guarded by its room: the room holds its monitor when it calls a method, so no method blocks.
 *
 * <p>Changes that wait are merged: of each client only the last one counts. One that cannot be made is not repeated: then the room gets a {@link
 * MembersUpdate.Read} later, in which nothing is of this node, and all that nobody puts again after it is removed.
 */
public interface SharedMembers {
    /** A client of this node is a member, or has another state. */
    void put(Member member);

    /** A client of this node is no member any more. */
    void remove(String client);
}
