package dev.tutti.hub;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of a room that several nodes share. Guarded by its room.
 *
 * <p>A change on this node goes to {@link SharedMembers}, and takes effect when it comes back: so all nodes have the same list at each point of the
 * room's order. Only the client itself knows of its change at once: the list that it gets when it joins includes it, and it does not receive its own
 * entering or leaving later.
 */
final class SharedRoster implements Roster {
    /** A member of this node. */
    private static final class Own {
        private final Client client;
        /** As it shall be on all nodes. */
        private Member member;
        /** As it is in the list that its client has; null if that list lacks it. */
        private @Nullable Member shown;

        Own(Client client, Member member) {
            this.client = client;
            this.member = member;
            this.shown = member;
        }

        /** Returns the client if it must not receive its own entering or leaving; null if it does not receive such events anyway. */
        @Nullable
        Client exception() {
            return client.protocol().receivesPresence() ? client : null;
        }
    }

    private final SharedMembers shared;
    private final Budget budget;
    /** By client. */
    private final Map<String, Own> own = new HashMap<>(4);
    /** By client, in the order in which they became known; null while the room is crowded. */
    private @Nullable Map<String, Member> listed = new LinkedHashMap<>(4);
    /** Bytes of {@link #listed}, reserved in {@link Budget.Share#INPUT}. */
    private long listedBytes;
    /** The members of all nodes. */
    private int count;

    private boolean isRead;
    /** Clients of this node and observations that receive presence events. */
    private int presenceReceivers;
    /** The number of members in the last event of a crowded room. */
    private int broadcastCount;

    SharedRoster(SharedMembers shared, Budget budget) {
        this.shared = shared;
        this.budget = budget;
    }

    @Override
    public @Nullable RoomEvent add(Client client, Member member) {
        own.put(member.client(), new Own(client, member));
        presenceReceivers += client.protocol().receivesPresence() ? 1 : 0;
        shared.put(member);
        return null;
    }

    @Override
    public @Nullable RoomEvent remove(Client client) {
        if (own.remove(client.id()) != null) {
            presenceReceivers -= client.protocol().receivesPresence() ? 1 : 0;
            shared.remove(client.id());
        }
        return null;
    }

    @Override
    public @Nullable Member get(Client client) {
        Own found = own.get(client.id());
        return found == null ? null : found.member;
    }

    @Override
    public @Nullable RoomEvent replace(Client client, Member member) {
        Own found = own.get(client.id());
        if (found != null) {
            found.member = member;
            shared.put(member);
        }
        return null;
    }

    @Override
    public @Nullable RoomEvent recount() {
        return listed == null && presenceReceivers > 0 && count != broadcastCount ? membersChanged() : null;
    }

    @Override
    public void addPresenceReceivers(int more) {
        presenceReceivers += more;
    }

    @Override
    public List<Member> all() {
        return listed == null ? own.values().stream().map(one -> one.member).toList() : List.copyOf(listed.values());
    }

    @Override
    public Members list() {
        return listed == null
                ? new Members(Math.max(count, own.size()), null)
                : new Members(listed.size(), List.copyOf(listed.values()));
    }

    @Override
    public Members listFor(Client client) {
        Own self = own.get(client.id());
        if (self == null || listed == null || self.member.equals(listed.get(client.id()))) {
            return list();
        }
        Map<String, Member> withSelf = new LinkedHashMap<>(listed);
        withSelf.put(client.id(), self.member);
        self.shown = self.member;
        return new Members(withSelf.size(), List.copyOf(withSelf.values()));
    }

    @Override
    public boolean deliver(MembersUpdate update, Broadcaster broadcaster) {
        if (update instanceof MembersUpdate.Read read) {
            read(read, broadcaster);
        } else if (update instanceof MembersUpdate.Changed changed) {
            count = changed.count();
            changed.changes().forEach(change -> apply(change, broadcaster));
        } else if (update instanceof MembersUpdate.Counted counted) {
            count = counted.count();
            stopListing(broadcaster);
        }
        return listed != null;
    }

    private void apply(MembersUpdate.Change change, Broadcaster broadcaster) {
        if (listed != null && change instanceof MembersUpdate.Put put) {
            put(listed, put.member(), broadcaster);
        } else if (listed != null) {
            remove(listed, change.client(), broadcaster);
        }
    }

    private void put(Map<String, Member> list, Member member, Broadcaster broadcaster) {
        Member before = list.get(member.client());
        if (member.equals(before)) {
            return;
        }
        int more = member.bytes() - (before == null ? 0 : before.bytes());
        if (more > 0 && !budget.tryReserve(Budget.Share.INPUT, more, listedBytes)) {
            stopListing(broadcaster);
            return;
        }
        if (more < 0) {
            budget.release(Budget.Share.INPUT, -more);
        }
        listedBytes += more;
        list.put(member.client(), member);
        Own self = own.get(member.client());
        Member shown = self == null ? null : self.shown;
        if (before == null) {
            broadcast(
                    new RoomEvent.MemberJoined(member),
                    self == null || shown == null ? null : self.exception(),
                    broadcaster);
        }
        if (before != null || (shown != null && !shown.equals(member))) {
            broadcast(new RoomEvent.PresenceChanged(member), null, broadcaster);
        }
        if (self != null) {
            self.shown = member;
        }
    }

    private void remove(Map<String, Member> list, String client, Broadcaster broadcaster) {
        Member before = list.remove(client);
        if (before != null) {
            listedBytes -= before.bytes();
            budget.release(Budget.Share.INPUT, before.bytes());
            Own self = own.get(client); // it has joined again, or others have declared this node dead
            broadcast(new RoomEvent.MemberLeft(before), self == null ? null : self.exception(), broadcaster);
            if (self != null) {
                shared.put(self.member);
            }
        }
    }

    private void read(MembersUpdate.Read read, Broadcaster broadcaster) {
        boolean isFirst = !isRead;
        isRead = true;
        List<Member> members = read.members().list();
        count = read.members().count();
        if (members == null) {
            stopListing(broadcaster);
        } else if (listed == null || isFirst) {
            startListing(members, isFirst ? null : broadcaster);
        } else {
            replace(listed, members, broadcaster);
        }
        own.forEach((client, one) -> {
            Member known = listed == null ? null : listed.get(client);
            if (!read.ofThisNode().contains(client) || !one.member.equals(known)) {
                shared.put(one.member);
            }
        });
        for (String client : read.ofThisNode()) {
            if (!own.containsKey(client)) { // its leave got lost with a connection
                shared.remove(client);
            }
        }
    }

    /** Broadcasts the differences between the list and the members of now. */
    private void replace(Map<String, Member> list, List<Member> members, Broadcaster broadcaster) {
        Map<String, Member> now = byClient(members);
        List<String> gone = list.keySet().stream()
                .filter(client -> !now.containsKey(client))
                .toList();
        gone.forEach(client -> remove(list, client, broadcaster));
        members.forEach(member -> apply(new MembersUpdate.Put(member), broadcaster));
    }

    private static Map<String, Member> byClient(List<Member> members) {
        Map<String, Member> byClient = new LinkedHashMap<>();
        members.forEach(member -> byClient.put(member.client(), member));
        return byClient;
    }

    /** Lists the members, if there is memory for them; without a broadcaster nobody receives the list. */
    private void startListing(List<Member> members, @Nullable Broadcaster broadcaster) {
        long bytes = members.stream().mapToLong(Member::bytes).sum();
        if (!budget.tryReserve(Budget.Share.INPUT, bytes, 0)) {
            listed = null;
            return;
        }
        listed = byClient(members);
        listedBytes = bytes;
        Map<String, Member> now = listed;
        own.forEach((client, one) -> one.shown = now.get(client));
        if (broadcaster != null) {
            broadcast(membersChanged(), null, broadcaster);
        }
    }

    private void stopListing(Broadcaster broadcaster) {
        if (listed != null) {
            forgetList();
            broadcast(membersChanged(), null, broadcaster);
        }
    }

    private void forgetList() {
        budget.release(Budget.Share.INPUT, listedBytes);
        listedBytes = 0;
        listed = null;
    }

    private RoomEvent membersChanged() {
        broadcastCount = count;
        return new RoomEvent.MembersChanged(list());
    }

    private void broadcast(RoomEvent event, @Nullable Client except, Broadcaster broadcaster) {
        if (presenceReceivers > 0) {
            broadcaster.broadcast(event, except);
        }
    }

    @Override
    public void close() {
        forgetList();
    }
}
