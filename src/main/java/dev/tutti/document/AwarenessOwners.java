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
 * Which member owns which awareness id, and how much of a document's awareness each takes up. Confined to the document's run.
 *
 * <p>Each member has a share. When all together are at the limit, the largest share is cut, so that there is room for a newcomer.
 */
final class AwarenessOwners {
    /** For one member: a bot with a hundred cursors of some hundred bytes. */
    static final AwarenessLimits SHARE = new AwarenessLimits(256, 64 * 1024);

    /** For all: some thousand people with names, colours and cursors. Whoever comes is told as much at once. */
    static final AwarenessLimits ALL = new AwarenessLimits(10_000, 256 * 1024);

    final Awareness awareness = new Awareness();
    /** Of whom all have to be told. */
    final Set<Long> news = new LinkedHashSet<>();

    private final Map<Long, AwarenessOwner> owners = new LinkedHashMap<>();

    /** Returns the owner of an id; null if it is free. */
    @Nullable
    AwarenessOwner get(long id) {
        return owners.get(id);
    }

    /** Returns all ids that are not free, with their owners. */
    Map<Long, AwarenessOwner> all() {
        return owners;
    }

    /** Takes an entry in, and counts it for the owners of its id. */
    Awareness.Effect take(Awareness.Entry entry, boolean isClaim) {
        int before = awareness.bytes(entry.id());
        Awareness.Effect effect = isClaim ? awareness.claim(entry) : awareness.apply(entry);
        resize(entry.id(), before);
        return effect;
    }

    /** Makes a member an owner of an id. */
    void hold(long id, AwarenessOwner owner, DocumentMember member) {
        owners.putIfAbsent(id, owner);
        if (owner.holders.add(member)) {
            member.awareness().ids.add(id);
            member.awareness().bytes += awareness.bytes(id);
        }
    }

    /** A member speaks for an id no more. */
    void letGo(long id, AwarenessOwner owner, DocumentMember member) {
        if (owner.holders.remove(member)) {
            member.awareness().ids.remove(id);
            member.awareness().bytes -= awareness.bytes(id);
        }
    }

    private void resize(long id, int before) {
        AwarenessOwner owner = owners.get(id);
        int grown = awareness.bytes(id) - before;
        if (owner != null && grown != 0) {
            owner.holders.forEach(holder -> holder.awareness().bytes += grown);
        }
    }

    /** Makes an id free. */
    void release(long id) {
        AwarenessOwner owner = owners.get(id);
        if (owner != null) {
            List.copyOf(owner.holders).forEach(holder -> letGo(id, owner, holder));
            owner.claimants.forEach(claimant -> claimant.awareness().claims.remove(id));
            owners.remove(id);
        }
    }

    /** Takes an id for gone; its owners, if any are left, may bring it back. */
    void remove(long id) {
        int before = awareness.bytes(id);
        if (awareness.remove(id)) {
            resize(id, before);
            news.add(id);
        }
    }

    /**
     * Returns whether an entry is within its member's share.
     */
    boolean isWithinShare(Awareness.Entry entry, AwarenessSession session) {
        return SHARE.admit(idsWith(entry, session), bytesWith(entry, session));
    }

    /** Returns whether an entry has room in all. */
    boolean hasRoom(Awareness.Entry entry) {
        int before = awareness.bytes(entry.id());
        return ALL.admit(
                awareness.count() + (before == 0 ? 1 : 0), awareness.bytes() + Math.max(0, entry.bytes() - before));
    }

    private static int idsWith(Awareness.Entry entry, AwarenessSession session) {
        return session.ids.size() + (session.ids.contains(entry.id()) ? 0 : 1);
    }

    private long bytesWith(Awareness.Entry entry, AwarenessSession session) {
        int before = session.ids.contains(entry.id()) ? awareness.bytes(entry.id()) : 0;
        return session.bytes + entry.bytes() - before;
    }

    /** Makes room for an entry: halves the largest share, if it is larger than the one that is to grow. Looks at all ids. */
    void cutLargestShare(Awareness.Entry entry, AwarenessSession growing) {
        boolean byIds = awareness.count() >= ALL.maxClients();
        long most = byIds ? idsWith(entry, growing) : bytesWith(entry, growing);
        AwarenessSession largest = null;
        for (AwarenessOwner owner : owners.values()) {
            for (DocumentMember holder : owner.holders) {
                long has = byIds ? holder.awareness().ids.size() : holder.awareness().bytes;
                if (has > most) {
                    most = has;
                    largest = holder.awareness();
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
            remove(id);
            release(id);
        }
    }
}
