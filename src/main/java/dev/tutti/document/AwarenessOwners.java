package dev.tutti.document;

import dev.tutti.yjs.Awareness;
import dev.tutti.yjs.AwarenessLimits;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A document's awareness states, the owners of each id, and the share of each member. Confined to the document's run.
 *
 * <p>Each member has a share. When the document is full, the largest share is cut, so that a newcomer's state has room.
 */
final class AwarenessOwners {
    /** One member's share: enough for a bot with a hundred cursors of some hundred bytes. */
    static final AwarenessLimits SHARE = new AwarenessLimits(256, 64 * 1024);

    /** The limit of a document: a thousand people with names, colours and cursors. A newcomer receives all of it at once. */
    static final AwarenessLimits ALL = new AwarenessLimits(10_000, 256 * 1024);

    final Awareness awareness = new Awareness();
    /** The ids whose states have to be broadcast. */
    final Set<Long> changed = new LinkedHashSet<>();

    private final Map<Long, AwarenessOwnership> ownerships = new LinkedHashMap<>();

    /** Returns the ownership of an id; null if the id is free. */
    @Nullable
    AwarenessOwnership get(long id) {
        return ownerships.get(id);
    }

    /** Returns all ids that are not free, with their ownerships. */
    Map<Long, AwarenessOwnership> all() {
        return ownerships;
    }

    /** Applies an entry, and counts its bytes for the owners of its id. */
    Awareness.Effect apply(Awareness.Entry entry, boolean isClaim) {
        int before = awareness.bytes(entry.id());
        Awareness.Effect effect = isClaim ? awareness.claim(entry) : awareness.apply(entry);
        addGrowth(entry.id(), before);
        return effect;
    }

    /** Makes a member an owner of an id. */
    void addOwner(long id, AwarenessOwnership ownership, DocumentMember member) {
        ownerships.putIfAbsent(id, ownership);
        if (ownership.owners.add(member)) {
            member.awareness().ids.add(id);
            member.awareness().bytes += awareness.bytes(id);
        }
    }

    /** Ends a member's ownership of an id. */
    void removeOwner(long id, AwarenessOwnership ownership, DocumentMember member) {
        if (ownership.owners.remove(member)) {
            member.awareness().ids.remove(id);
            member.awareness().bytes -= awareness.bytes(id);
        }
    }

    private void addGrowth(long id, int before) {
        AwarenessOwnership ownership = ownerships.get(id);
        int growth = awareness.bytes(id) - before;
        if (ownership != null && growth != 0) {
            ownership.owners.forEach(owner -> owner.awareness().bytes += growth);
        }
    }

    /** Makes an id free. */
    void free(long id) {
        AwarenessOwnership ownership = ownerships.get(id);
        if (ownership != null) {
            List.copyOf(ownership.owners).forEach(owner -> removeOwner(id, ownership, owner));
            ownership.claimants.forEach(claimant -> claimant.awareness().claims.remove(id));
            ownerships.remove(id);
        }
    }

    /** Removes the state of an id; its remaining owners may set it again. */
    void removeState(long id) {
        int before = awareness.bytes(id);
        if (awareness.remove(id)) {
            addGrowth(id, before);
            changed.add(id);
        }
    }

    /** Returns whether a member's share has room for an entry. */
    boolean isWithinShare(Awareness.Entry entry, MemberAwareness member) {
        return SHARE.admit(idsWith(entry, member), bytesWith(entry, member));
    }

    /** Returns whether the document has room for an entry. */
    boolean hasRoom(Awareness.Entry entry) {
        int before = awareness.bytes(entry.id());
        return ALL.admit(
                awareness.count() + (before == 0 ? 1 : 0), awareness.bytes() + Math.max(0, entry.bytes() - before));
    }

    private static int idsWith(Awareness.Entry entry, MemberAwareness member) {
        return member.ids.size() + (member.ids.contains(entry.id()) ? 0 : 1);
    }

    private long bytesWith(Awareness.Entry entry, MemberAwareness member) {
        int before = member.ids.contains(entry.id()) ? awareness.bytes(entry.id()) : 0;
        return member.bytes + entry.bytes() - before;
    }

    /** Halves the largest share to make room for an entry, unless the entry's member would then have the largest. Looks at all ids. */
    void cutLargestShare(Awareness.Entry entry, MemberAwareness growing) {
        boolean byIds = awareness.count() >= ALL.maxClients();
        long most = byIds ? idsWith(entry, growing) : bytesWith(entry, growing);
        MemberAwareness largest = null;
        for (AwarenessOwnership ownership : ownerships.values()) {
            for (DocumentMember owner : ownership.owners) {
                long size = byIds ? owner.awareness().ids.size() : owner.awareness().bytes;
                if (size > most) {
                    most = size;
                    largest = owner.awareness();
                }
            }
        }
        if (largest == null) {
            return;
        }
        for (long id : List.copyOf(largest.ids)) {
            if ((byIds ? largest.ids.size() : largest.bytes) <= most / 2) {
                return;
            }
            removeState(id);
            free(id);
        }
    }
}
