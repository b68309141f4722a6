package dev.tutti.document;

import dev.tutti.yjs.Awareness;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The awareness ids whose states the clients of other servers have set. Confined to the document's run.
 *
 * <p>Each server decides about the ids of its own clients ({@link AwarenessClaims}), and takes the states of all other ids from the servers that send
 * them. A state from elsewhere never counts for an id that a client of this server owns; only while its connection is lost, because the client may have
 * reconnected to another server. The first awareness message of a client of this server takes an id over from another one.
 */
final class RemoteAwareness {
    private final AwarenessOwners owners;
    private final AwarenessClaims claims;
    /** By id, the copy that has set its state last. */
    private final Map<Long, Long> origins = new HashMap<>(0);
    /** The changed ids that other servers know already. */
    private final Set<Long> known = new HashSet<>(0);

    RemoteAwareness(AwarenessOwners owners, AwarenessClaims claims) {
        this.owners = owners;
        this.claims = claims;
    }

    /** Returns whether a client of another server has set the state of an id. */
    boolean has(long id) {
        return !origins.isEmpty() && origins.containsKey(id);
    }

    /** A client of this server has set the state of an id. */
    void release(long id) {
        if (!origins.isEmpty()) {
            origins.remove(id);
        }
        if (!known.isEmpty()) {
            known.remove(id);
        }
    }

    /**
     * Takes states that a copy sends.
     *
     * @return whether the copy has removed the state of an id that a client of this server owns: its state must be sent again
     */
    boolean receive(long origin, List<Awareness.Entry> entries) {
        boolean isOwnRemoved = false;
        for (Awareness.Entry entry : entries) {
            if (mayTake(entry)) {
                take(origin, entry);
            } else {
                isOwnRemoved |= !entry.isPresent();
            }
        }
        return isOwnRemoved;
    }

    private boolean mayTake(Awareness.Entry entry) {
        AwarenessOwnership own = owners.get(entry.id());
        if (own == null) {
            return true;
        }
        boolean hasMoved =
                own.lostOwner != null && entry.isPresent() && entry.clock() > owners.awareness.clock(entry.id());
        if (hasMoved) {
            claims.passOn(entry.id());
        }
        return hasMoved;
    }

    private void take(long origin, Awareness.Entry entry) {
        if (entry.isPresent() && !owners.hasRoom(entry)) {
            return;
        }
        switch (owners.apply(entry, false)) {
            case ADDED, UPDATED -> {
                origins.put(entry.id(), origin);
                changed(entry.id());
            }
            case REMOVED -> {
                origins.remove(entry.id());
                changed(entry.id());
            }
            case OUTDATED, NONE -> {}
        }
    }

    private void changed(long id) {
        owners.changed.add(id);
        known.add(id);
    }

    /** Takes all states of a copy: those that it does not send any more end. */
    boolean receiveAll(long origin, List<Awareness.Entry> entries) {
        Set<Long> sent = new HashSet<>();
        entries.forEach(entry -> sent.add(entry.id()));
        end(origin, sent);
        return receive(origin, entries);
    }

    /** Ends all states of a copy that has gone. */
    void end(long origin) {
        end(origin, Set.of());
    }

    private void end(long origin, Set<Long> except) {
        for (Map.Entry<Long, Long> entry : List.copyOf(origins.entrySet())) {
            long id = entry.getKey();
            if (entry.getValue() == origin && !except.contains(id)) {
                origins.remove(id);
                owners.removeState(id);
                known.add(id);
            }
        }
    }

    /** Returns the ids among the changed ones that other servers do not know, and forgets which ones they know. */
    Set<Long> takeUnknown() {
        if (owners.changed.isEmpty()) {
            return Set.of();
        }
        Set<Long> unknown = new HashSet<>(owners.changed);
        unknown.removeAll(known);
        known.clear();
        return unknown;
    }

    /** Returns the ids that are present and whose states the clients of this server have set. */
    List<Long> presentHere() {
        return owners.awareness.present().stream()
                .filter(id -> !origins.containsKey(id))
                .toList();
    }
}
