package dev.tutti.hub;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The one order of the members of a room on several nodes; a test decides when each node sends and receives. Confined to one thread. */
final class SharedOrder {
    /** Larger rooms are only counted, until they are {@link #SMALL} again. */
    static final int LISTED = 4;

    static final int SMALL = 3;

    private final Map<String, Member> members = new LinkedHashMap<>();
    /** By client: {@link NodeMembers#id} when it put the member. */
    private final Map<String, Object> owners = new LinkedHashMap<>();

    private final List<MembersUpdate> updates = new ArrayList<>();
    private final List<NodeMembers> nodes = new ArrayList<>();

    /** Opens the log of one more node: its publications stay there. */
    RoomLog open(RoomLog publications, RoomLog.Subscriber subscriber) {
        NodeMembers node = new NodeMembers(subscriber);
        nodes.add(node);
        return new Log(publications, node);
    }

    NodeMembers node(int number) {
        return nodes.get(number);
    }

    Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        members.forEach((client, member) -> states.put(client, String.valueOf(member.state())));
        return states;
    }

    /** The others have heard nothing of a node for too long. */
    void removeMembersOf(NodeMembers node) {
        removeMembers(id -> id == node.id);
        node.isDoubtful = true;
    }

    private void removeMembers(Predicate<Object> ids) {
        List<MembersUpdate.Change> removed = new ArrayList<>();
        owners.forEach((client, id) -> {
            if (ids.test(id)) {
                removed.add(new MembersUpdate.Removed(client));
            }
        });
        append("", removed);
    }

    /** Brings all nodes to the end of the order. */
    void settle() {
        for (int round = 0; round < 8; round++) {
            if (round == 4) { // earlier ids of nodes are dead
                removeMembers(id -> nodes.stream().noneMatch(node -> node.id == id));
            }
            for (NodeMembers node : nodes) {
                while (node.receive()) {}
                if (node.isDoubtful || (!node.isListing && members.size() <= SMALL)) {
                    node.read();
                }
                node.send();
            }
        }
        nodes.forEach(node -> {
            while (node.receive()) {}
        });
    }

    private void append(Object id, Iterable<MembersUpdate.Change> changes) {
        boolean wasList = members.size() <= LISTED;
        List<MembersUpdate.Change> effective = new ArrayList<>();
        for (MembersUpdate.Change change : changes) {
            Member before = members.get(change.client());
            Member after = change instanceof MembersUpdate.Put put ? put.member() : null;
            if (after == null) {
                members.remove(change.client());
                owners.remove(change.client());
            } else {
                members.put(change.client(), after);
                owners.put(change.client(), id);
            }
            if (after == null ? before != null : !after.equals(before)) {
                effective.add(change);
            }
        }
        if (!effective.isEmpty()) {
            boolean isList = wasList && members.size() <= LISTED;
            updates.add(
                    isList
                            ? new MembersUpdate.Changed(members.size(), effective)
                            : new MembersUpdate.Counted(members.size()));
        }
    }

    /** The members as one node sends and receives them. */
    final class NodeMembers implements SharedMembers {
        private final RoomLog.Subscriber subscriber;
        private final Map<String, MembersUpdate.Change> waiting = new LinkedHashMap<>();
        private Object id = new Object();
        private int received;
        private boolean isListing;
        private boolean isDoubtful;

        NodeMembers(RoomLog.Subscriber subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void put(Member member) {
            waiting.put(member.client(), new MembersUpdate.Put(member));
        }

        @Override
        public void remove(String client) {
            waiting.put(client, new MembersUpdate.Removed(client));
        }

        /** Sends all that waits. */
        void send() {
            append(id, List.copyOf(waiting.values()));
            waiting.clear();
        }

        /** Redis refuses all that waits. */
        void fail() {
            waiting.clear();
            id = new Object();
            isDoubtful = true;
        }

        /** Receives the next update; false if there is none. */
        boolean receive() {
            if (received == updates.size()) {
                return false;
            }
            deliver(updates.get(received++));
            return true;
        }

        /** Jumps to the end of the order. */
        void read() {
            received = updates.size();
            isDoubtful = false;
            Set<String> own = new HashSet<>();
            owners.forEach((client, owner) -> {
                if (owner == id) {
                    own.add(client);
                }
            });
            boolean isSmall = members.size() <= LISTED;
            deliver(new MembersUpdate.Read(
                    new Members(members.size(), isSmall ? List.copyOf(members.values()) : null),
                    isSmall ? own : Set.of()));
        }

        private void deliver(MembersUpdate update) {
            synchronized (subscriber) {
                isListing = subscriber.deliverMembers(update);
            }
            subscriber.wake();
        }
    }

    /** The publications of a node, with the members of all. */
    private static final class Log extends ForwardingLog {
        private final NodeMembers node;

        Log(RoomLog publications, NodeMembers node) {
            super(publications);
            this.node = node;
        }

        @Override
        public SharedMembers members() {
            return node;
        }
    }
}
