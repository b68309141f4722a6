package dev.tutti.hub;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of a room, and the presence events of each change. Guarded by its room.
 *
 * <p>Normally each change is an event of its own. In a room with more members than are listed that would be a flood; such a room is
 * <b>crowded</b>: one event announces that members are only counted, {@link #recount} announces their number now and then, and another event
 * lists all when the room is small again. The room broadcasts the returned events in their order; null means no event.
 */
final class Roster {
    private final int maxListed;
    private final Map<Client, Member> members = new LinkedHashMap<>(4);
    /** Clients and observations that receive presence events. */
    private int presenceReceivers;

    private boolean crowded;
    /** The number of members in the last event of a crowded room. */
    private int broadcastCount;

    /** Makes an empty roster; {@code maxListed} of 0 means no limit. */
    Roster(int maxListed) {
        this.maxListed = maxListed;
    }

    /** Adds a client; the event is for the others, so the client itself must become a member of its shard behind it. */
    @Nullable
    RoomEvent add(Client client, Member member) {
        boolean hasReceivers = presenceReceivers > 0;
        members.put(client, member);
        presenceReceivers += client.protocol().receivesPresence() ? 1 : 0;
        if (!crowded && maxListed != 0 && members.size() > maxListed) {
            crowded = true;
            return hasReceivers ? membersChanged() : null;
        }
        return hasReceivers && !crowded ? new RoomEvent.MemberJoined(member) : null;
    }

    /** Removes a client; the event is for the others. */
    @Nullable
    RoomEvent remove(Client client) {
        Member member = members.remove(client);
        if (member == null) {
            return null;
        }
        presenceReceivers -= client.protocol().receivesPresence() ? 1 : 0;
        boolean hasReceivers = presenceReceivers > 0;
        if (crowded && members.size() <= maxListed - maxListed / 4) { // not just below the limit, or it would flutter
            crowded = false;
            return hasReceivers ? membersChanged() : null;
        }
        return hasReceivers && !crowded ? new RoomEvent.MemberLeft(member) : null;
    }

    /** Returns the member that a client is; null if it is none. */
    @Nullable
    Member get(Client client) {
        return members.get(client);
    }

    /** Returns a member with another state, without changing this roster; null if the client is no member. */
    @Nullable
    Member withState(Client client, @Nullable String state) {
        Member member = members.get(client);
        return member == null ? null : member.withState(state);
    }

    /** Replaces a member by one with another state. */
    @Nullable
    RoomEvent replace(Client client, Member member) {
        members.put(client, member);
        return presenceReceivers > 0 && !crowded ? new RoomEvent.PresenceChanged(member) : null;
    }

    /** Returns the number of members of a crowded room if it has changed since the last event. */
    @Nullable
    RoomEvent recount() {
        return crowded && presenceReceivers > 0 && members.size() != broadcastCount ? membersChanged() : null;
    }

    /** Counts observations, which receive presence events without being members; negative for fewer. */
    void addPresenceReceivers(int more) {
        presenceReceivers += more;
    }

    /** Returns all members, however many. */
    List<Member> all() {
        return List.copyOf(members.values());
    }

    /** Returns the members, only counted if the room is crowded. */
    Members list() {
        return new Members(members.size(), crowded ? null : all());
    }

    private RoomEvent membersChanged() {
        broadcastCount = members.size();
        return new RoomEvent.MembersChanged(list());
    }
}
