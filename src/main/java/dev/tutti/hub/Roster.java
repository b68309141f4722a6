package dev.tutti.hub;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a room, and what its members are told of that. Guarded by its room.
 *
 * <p>In a room that is not <b>crowded</b> each member is told each change. With more members than can be listed, that would be a flood:
 * they are told that they are only counted, then now and then how many they are, and all of them once they are few enough again.
 * What the methods return is to be told in this order; null is for nothing to be told.
 */
final class Roster {
    private final int maxListed;
    private final Map<Client, Member> members = new LinkedHashMap<>(4);
    /** How many are told who comes and goes. */
    private int hearers;

    private boolean crowded;
    /** What the members were last told, while crowded. */
    private int toldCount;

    /** Makes an empty roster; {@code maxListed} of 0 means no limit. */
    Roster(int maxListed) {
        this.maxListed = maxListed;
    }

    /** A client comes; the others are told before it hears anything. */
    @Nullable
    RoomEvent add(Client client, Member member) {
        boolean isHeard = hearers > 0;
        members.put(client, member);
        hearers += client.protocol().receivesPresence() ? 1 : 0;
        if (!crowded && maxListed != 0 && members.size() > maxListed) {
            crowded = true;
            return isHeard ? crowd() : null;
        }
        return isHeard && !crowded ? new RoomEvent.MemberJoined(member) : null;
    }

    /** A client goes; the others are told. */
    @Nullable
    RoomEvent remove(Client client) {
        Member member = members.remove(client);
        if (member == null) {
            return null;
        }
        hearers -= client.protocol().receivesPresence() ? 1 : 0;
        boolean isHeard = hearers > 0;
        if (crowded && members.size() <= maxListed - maxListed / 4) { // not just below, or it would flutter
            crowded = false;
            return isHeard ? crowd() : null;
        }
        return isHeard && !crowded ? new RoomEvent.MemberLeft(member) : null;
    }

    /** Returns a member as it would be with another state; null if it is not here. */
    @Nullable
    Member withState(Client client, @Nullable String state) {
        Member member = members.get(client);
        return member == null ? null : member.withState(state);
    }

    /** A client's state changes. */
    @Nullable
    RoomEvent replace(Client client, Member member) {
        members.put(client, member);
        return hearers > 0 && !crowded ? new RoomEvent.PresenceChanged(member) : null;
    }

    /** Returns how many there are, if those who are only counted do not know; null if they do. */
    @Nullable
    RoomEvent recount() {
        return crowded && hearers > 0 && members.size() != toldCount ? crowd() : null;
    }

    /** Somebody who is no member is, or is not any more, told who comes and goes. */
    void hear(int more) {
        hearers += more;
    }

    /** Returns everybody who is here, however many. */
    List<Member> all() {
        return List.copyOf(members.values());
    }

    /** Returns who is here. */
    Members list() {
        return new Members(members.size(), crowded ? null : all());
    }

    private RoomEvent crowd() {
        toldCount = members.size();
        return new RoomEvent.MembersChanged(list());
    }
}
