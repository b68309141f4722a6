package dev.tutti.document;

import dev.tutti.yjs.Awareness;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is seen in a document, by Yjs's awareness ids, and which member owns which id. Confined to the document's run.
 *
 * <p>Clients repeat what they hear of others, so only an owner's word counts. A free id belongs to the first member that speaks of it.
 * A <b>claim</b> is what a member says in its first awareness message, in which a stock client names its own id. It is no echo,
 * because nobody hears of others before it has spoken; a member that stays silent is told after a second, and claims nothing any more.
 * A claim of an id that another owns is
 * <ul>
 *   <li>granted if the owner has vanished, for the ids of one vanished connection: a client has come back;
 *   <li>admitted beside the owner for 30 seconds after the id has passed to a new connection, or after the document was opened: whoever
 *       came first may not be the right one, and cannot silence the other;
 *   <li>else refused, unless the owner, asked for its awareness, says nothing for 2 seconds: its connection may be dead unnoticed, and the
 *       claim is admitted beside it.
 * </ul>
 *
 * <p>So a liar never silences a connection that is there, and says nothing beside one that has been there for a while and replies. What it has
 * got ends with its connection. A client that comes back after more than 30 seconds may find that a liar has its id, until the liar leaves.
 */
final class DocumentAwareness {
    /** How long a member may take until its first awareness message; stock clients send it with their first frames. */
    static final long INTRODUCTION_NANOS = 1_000_000_000L;

    /** How long an owner may take to answer that it is there. */
    static final long ALIVE_NANOS = 2_000_000_000L;

    /**
     * A clock is raised no more often: a client whose clock is two behind gives up its own state for the one that it hears, so it has to hear
     * of each raise before the next.
     */
    private static final long RENEWAL_NANOS = 900_000_000L;

    /** How long several may speak for an id that has passed on; after as long a silence, stock clients take each other for gone. */
    static final long CONTEST_NANOS = 30_000_000_000L;

    /** How many entries of one message count: no client speaks for as many ids as it may have four times. */
    private static final int MAX_ENTRIES = 4 * AwarenessOwners.SHARE.maxClients();

    private final AwarenessOwners owners = new AwarenessOwners();
    private final Awareness awareness = owners.awareness;
    /** Whose last owner has vanished. */
    private final Set<Long> vanished = new LinkedHashSet<>();
    /** Which have claimants. */
    private final Set<Long> contested = new LinkedHashSet<>();
    /** Have not spoken, and are told nothing. */
    private final Set<DocumentMember> newcomers = new LinkedHashSet<>();
    /** Somebody came back who has forgotten the others. */
    private boolean cameBack;

    private boolean isOpened;
    /** When the first member came. */
    private long beganNanos;

    /** What a message has done so far. */
    private static final class Hearing {
        final DocumentMember member;
        final boolean isClaim;
        final long now;
        final List<Long> outdated = new ArrayList<>();
        /** Whose clock is behind, on a new connection. */
        final List<Long> behind = new ArrayList<>();
        /** The one that has vanished and seems to have come back. */
        @Nullable
        DocumentMember predecessor;
        /** How many entries have counted. */
        int taken;
        /** The largest share was cut; once is enough. */
        boolean hasCut;

        Hearing(DocumentMember member, boolean isClaim, long now) {
            this.member = member;
            this.isClaim = isClaim;
            this.now = now;
        }
    }

    /** A member has come; it is told of others when it has spoken. */
    void open(DocumentMember member, long nowNanos) {
        if (!isOpened) {
            isOpened = true;
            beganNanos = nowNanos;
        }
        member.awareness().openedNanos = nowNanos;
        newcomers.add(member);
    }

    /** A member is told of others, and may repeat it from here on. */
    void introduce(DocumentMember member) {
        member.awareness().isIntroduced = true;
        newcomers.remove(member);
    }

    /**
     * Hears what a member says of who is there. What exceeds its share is dropped.
     *
     * @return of whom the member has to be told at once what is known of them
     */
    List<Long> receive(DocumentMember member, byte[] update, long nowNanos) throws MalformedUpdateException {
        List<Awareness.Entry> entries = Awareness.decode(update);
        Hearing hearing = new Hearing(member, !member.awareness().isIntroduced, nowNanos);
        member.awareness().heardNanos = nowNanos;
        introduce(member);
        if (awareness.goneCount() > AwarenessOwners.ALL.maxClients()) {
            awareness.forgetGone();
        }
        for (Awareness.Entry entry : entries) {
            if (hearing.taken < MAX_ENTRIES && maySpeakOf(entry, hearing)) {
                hearing.taken++;
                if (hasRoom(entry, hearing)) {
                    take(entry, hearing);
                }
            }
        }
        if (!hearing.behind.isEmpty()) {
            member.client().send(member.protocol().awareness(awareness.encodeGone(hearing.behind)));
            ask(member);
        }
        return hearing.isClaim ? awareness.clients() : hearing.outdated;
    }

    private boolean maySpeakOf(Awareness.Entry entry, Hearing hearing) {
        AwarenessOwner owner = owners.get(entry.id());
        if (owner == null || owner.holders.contains(hearing.member)) {
            return true;
        }
        if (!hearing.isClaim || !entry.isThere()) {
            return false;
        }
        if (owner.vanished != null) {
            hearing.predecessor = hearing.predecessor == null ? owner.vanished : hearing.predecessor;
            return hearing.predecessor == owner.vanished;
        }
        if (hearing.now - owner.openUntilNanos < 0) {
            return true;
        }
        contest(entry.id(), owner, hearing);
        return false;
    }

    private boolean hasRoom(Awareness.Entry entry, Hearing hearing) {
        AwarenessSession session = hearing.member.awareness();
        if (!entry.isThere()) {
            return true;
        }
        if (!owners.isWithinShare(entry, session)) {
            return false;
        }
        if (!owners.hasRoom(entry) && !hearing.hasCut) {
            hearing.hasCut = true;
            owners.cutLargestShare(entry, session);
        }
        return owners.hasRoom(entry);
    }

    /** Asks the owners of an id whether they are there. */
    private void contest(long id, AwarenessOwner owner, Hearing hearing) {
        Set<Long> claims = hearing.member.awareness().claims;
        if (claims.size() == AwarenessOwners.SHARE.maxClients()) {
            return;
        }
        if (owner.claimants.isEmpty()) {
            owner.claimedNanos = hearing.now;
        }
        owner.claimants.add(hearing.member);
        claims.add(id);
        contested.add(id);
        hearing.behind.add(id);
        for (DocumentMember holder : owner.holders) {
            AwarenessSession session = holder.awareness();
            if (hearing.now - session.askedUntilNanos >= 0) {
                session.askedUntilNanos = hearing.now + ALIVE_NANOS;
                ask(holder);
            }
        }
    }

    private static void ask(DocumentMember member) {
        member.client().send(member.protocol().awarenessQuery());
    }

    private void take(Awareness.Entry entry, Hearing hearing) {
        long id = entry.id();
        boolean wasKnown = awareness.isKnown(id);
        if (hearing.isClaim && entry.isThere() && entry.clock() < awareness.clock(id)) {
            hearing.behind.add(id);
        }
        switch (owners.take(entry, hearing.isClaim)) {
            case ADDED, UPDATED -> {
                owners.news.add(id);
                own(id, hearing, wasKnown);
            }
            case REMOVED -> {
                owners.news.add(id);
                AwarenessOwner owner = owners.get(id);
                if (owner != null && owner.holders.size() == 1) {
                    release(id);
                }
            }
            case OUTDATED -> hearing.outdated.add(id);
            case NONE -> {
                if (hearing.isClaim && entry.isThere()) {
                    own(id, hearing, wasKnown); // its clock is 0: it has not said anything yet
                }
            }
        }
    }

    private void own(long id, Hearing hearing, boolean wasKnown) {
        long openUntil = wasKnown && hearing.isClaim ? hearing.now : beganNanos;
        AwarenessOwner known = owners.get(id);
        AwarenessOwner owner = known == null ? new AwarenessOwner(openUntil + CONTEST_NANOS, hearing.now) : known;
        if (owner.vanished != null) {
            owner.vanished = null;
            owner.openUntilNanos = hearing.now + CONTEST_NANOS;
            vanished.remove(id);
        }
        owners.hold(id, owner, hearing.member);
        if (hearing.isClaim) {
            owner.raisedNanos = hearing.now;
        }
        boolean isYoung = hearing.now - beganNanos < Documents.GRACE_NANOS;
        cameBack |= hearing.isClaim && (wasKnown || isYoung);
    }

    /** An id is free. */
    private void release(long id) {
        vanished.remove(id);
        contested.remove(id);
        owners.release(id);
    }

    /** A member has left: whoever it spoke for is gone, at once or after a while. */
    void leave(DocumentMember member, long nowNanos) {
        newcomers.remove(member);
        AwarenessSession session = member.awareness();
        for (long id : Set.copyOf(session.claims)) {
            AwarenessOwner owner = owners.get(id);
            if (owner != null) {
                owner.claimants.remove(member);
            }
        }
        for (long id : Set.copyOf(session.ids)) {
            AwarenessOwner owner = owners.get(id);
            if (owner != null) {
                owners.letGo(id, owner, member);
                leave(id, owner, member, nowNanos);
            }
        }
    }

    private void leave(long id, AwarenessOwner owner, DocumentMember member, long nowNanos) {
        if (owner.holders.isEmpty() && !owner.claimants.isEmpty()) {
            promote(id, owner, nowNanos);
        } else if (member.wasClosedCleanly()) {
            owners.remove(id);
            if (owner.holders.isEmpty()) {
                release(id);
            }
        } else if (owner.holders.isEmpty()) {
            owner.vanished = member;
            owner.goneNanos = nowNanos + Documents.GRACE_NANOS;
            vanished.add(id);
        }
    }

    /** Admits those who claim an id beside its owners, and has them say again what was not heard before. */
    private void promote(long id, AwarenessOwner owner, long nowNanos) {
        for (DocumentMember claimant : owner.claimants) {
            claimant.awareness().claims.remove(id);
            owners.hold(id, owner, claimant);
            ask(claimant);
        }
        owner.claimants.clear();
        owner.openUntilNanos = nowNanos + CONTEST_NANOS;
        contested.remove(id);
        cameBack = true;
    }

    /**
     * Does what is due by the clock: takes those for gone whose while is over, settles claims, tells those who stay silent, and says of all
     * who are there anew what is known of them if somebody has come back. A stock client that has lost its connection takes the others for
     * gone, and believes that they are there only when it hears something newer than what it knew, which may take 15 seconds.
     */
    void tick(long nowNanos) {
        for (long id : Set.copyOf(vanished)) {
            AwarenessOwner owner = owners.get(id);
            if (owner == null) {
                vanished.remove(id);
            } else if (owner.goneNanos - nowNanos <= 0) {
                owners.remove(id);
                release(id);
            }
        }
        for (long id : Set.copyOf(contested)) {
            AwarenessOwner owner = owners.get(id);
            if (owner == null) {
                contested.remove(id);
            } else {
                settle(id, owner, nowNanos);
            }
        }
        for (DocumentMember newcomer : List.copyOf(newcomers)) {
            if (nowNanos - newcomer.awareness().openedNanos >= INTRODUCTION_NANOS) {
                introduce(newcomer);
                newcomer.client().send(newcomer.protocol().awareness(encode()));
                cameBack = true; // it may have been there before
            }
        }
        if (cameBack) {
            renew(nowNanos);
        }
    }

    /** Raises the clocks of those who are there; of whom it was raised just now, the next time. */
    private void renew(long nowNanos) {
        cameBack = false;
        List<Long> due = new ArrayList<>();
        for (Map.Entry<Long, AwarenessOwner> entry : owners.all().entrySet()) {
            AwarenessOwner owner = entry.getValue();
            if (owner.vanished != null) {
                continue; // it must not find its clock too old when it comes back
            }
            if (nowNanos - owner.raisedNanos >= RENEWAL_NANOS) {
                owner.raisedNanos = nowNanos;
                due.add(entry.getKey());
            } else {
                cameBack = true;
            }
        }
        owners.news.addAll(awareness.renew(due));
    }

    private void settle(long id, AwarenessOwner owner, long nowNanos) {
        if (owner.isAlive() || owner.claimants.isEmpty()) {
            owner.claimants.forEach(claimant -> claimant.awareness().claims.remove(id));
            owner.claimants.clear();
            contested.remove(id);
        } else if (nowNanos - owner.claimedNanos >= ALIVE_NANOS) {
            promote(id, owner, nowNanos);
        }
    }

    /** Returns whether the clock has something to do here. */
    boolean isDue() {
        return cameBack || !vanished.isEmpty() || !contested.isEmpty() || !newcomers.isEmpty();
    }

    /** Returns of whom all have to be told since this was last asked. */
    Set<Long> takeNews() {
        if (owners.news.isEmpty()) {
            return Set.of();
        }
        Set<Long> taken = new LinkedHashSet<>(owners.news);
        owners.news.clear();
        return taken;
    }

    /** Returns what is known of everybody, encoded. */
    byte[] encode() {
        return awareness.encode(awareness.clients());
    }

    /** Returns what is known of some, encoded. */
    byte[] encode(Collection<Long> ids) {
        return awareness.encode(ids);
    }
}
