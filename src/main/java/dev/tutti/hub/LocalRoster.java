package dev.tutti.hub;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The members of a room of one node, where each change has its place in the order at once. Guarded by its room. */
final class LocalRoster implements Roster {
    private final int maxListed;
    private final Map<Client, Member> members = new LinkedHashMap<>(4);
    /** Clients and observations that receive presence events. */
    private int presenceReceivers;

    private boolean crowded;
    /** The number of members in the last event of a crowded room. */
    private int broadcastCount;

    /** Makes an empty roster; {@code maxListed} of 0 means no limit. */
    LocalRoster(int maxListed) {
        this.maxListed = maxListed;
    }

    @Override
    public @Nullable RoomEvent add(Client client, Member member) {
        boolean hasReceivers = presenceReceivers > 0;
        members.put(client, member);
        presenceReceivers += client.protocol().receivesPresence() ? 1 : 0;
        if (!crowded && maxListed != 0 && members.size() > maxListed) {
            crowded = true;
            return hasReceivers ? membersChanged() : null;
        }
        return hasReceivers && !crowded ? new RoomEvent.MemberJoined(member) : null;
    }

    @Override
    public @Nullable RoomEvent remove(Client client) {
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

    @Override
    public @Nullable Member get(Client client) {
        return members.get(client);
    }

    @Override
    public @Nullable RoomEvent replace(Client client, Member member) {
        members.put(client, member);
        return presenceReceivers > 0 && !crowded ? new RoomEvent.PresenceChanged(member) : null;
    }

    @Override
    public @Nullable RoomEvent recount() {
        return crowded && presenceReceivers > 0 && members.size() != broadcastCount ? membersChanged() : null;
    }

    @Override
    public void addPresenceReceivers(int more) {
        presenceReceivers += more;
    }

    @Override
    public List<Member> all() {
        return List.copyOf(members.values());
    }

    @Override
    public Members list() {
        return new Members(members.size(), crowded ? null : all());
    }

    @Override
    public Members listFor(Client client) {
        return list();
    }

    @Override
    public boolean deliver(MembersUpdate update, Broadcaster broadcaster) {
        throw new IllegalStateException("the members of this room are all here");
    }

    @Override
    public void close() {}

    private RoomEvent membersChanged() {
        broadcastCount = members.size();
        return new RoomEvent.MembersChanged(list());
    }
}
