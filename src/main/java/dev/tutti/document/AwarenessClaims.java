package dev.tutti.document;

import dev.tutti.yjs.Awareness;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Decides which member owns which awareness id. Confined to the document's run.
 *
 * <p>Clients echo the states of others, so only an owner's entries count. A free id belongs to the first member that names it. A
 * <b>claim</b> is an entry of a member's first awareness message, in which a stock client names its own id. A claim is no echo, because a
 * member receives no awareness of others before it has sent its own; a member that sends none receives the others after a second, and can
 * claim nothing any more. A claim of an id that another member owns is
 * <ul>
 *   <li>granted if the owner's connection broke, for the ids of one broken connection: the client has reconnected;
 *   <li>admitted beside the owner for 30 seconds after the id has passed to a new connection, or after the document was opened: the
 *       first claimant may be an impostor, and cannot silence the other;
 *   <li>else refused, unless the owner does not answer an awareness query within 2 seconds: its connection may be dead unnoticed, and the
 *       claim is admitted beside it.
 * </ul>
 *
 * <p>So an impostor never silences a live connection, and sets no state beside one that is older than 30 seconds and answers. Its ids end with
 * its connection. A client that reconnects after more than 30 seconds may find its id owned by an impostor, until the impostor disconnects.
 */
final class AwarenessClaims {
    /** Time for an owner to answer an awareness query. */
    static final long ALIVE_NANOS = 2_000_000_000L;

    /**
     * Time in which claims of an id are admitted beside its owners after it has passed to a new connection. Stock clients remove a state that
     * was silent for as long.
     */
    static final long CONTEST_NANOS = 30_000_000_000L;

    private final AwarenessOwners owners;
    /** The ids whose last owner is lost, in its grace period. */
    private final Set<Long> lost = new LinkedHashSet<>();
    /** The ids with claimants. */
    private final Set<Long> contested = new LinkedHashSet<>();

    /** A client has reconnected that may have removed the states of the others. */
    private boolean hasReturned;

    private long documentOpenedNanos;

    AwarenessClaims(AwarenessOwners owners) {
        this.owners = owners;
    }

    /** The document has got its first member: ids are contested for a while. */
    void begin(long nowNanos) {
        documentOpenedNanos = nowNanos;
    }

    /** Returns whether an entry counts; if it claims the id of a live owner, queries the owner and decides later. */
    boolean admits(Awareness.Entry entry, AwarenessMessage message) {
        AwarenessOwnership ownership = owners.get(entry.id());
        if (ownership == null || ownership.owners.contains(message.sender)) {
            return true;
        }
        if (!message.isClaim || !entry.isPresent()) {
            return false;
        }
        if (ownership.lostOwner != null) {
            message.predecessor = message.predecessor == null ? ownership.lostOwner : message.predecessor;
            return message.predecessor == ownership.lostOwner;
        }
        if (message.nowNanos - ownership.contestEndNanos < 0) {
            return true;
        }
        contest(entry.id(), ownership, message);
        return false;
    }

    private void contest(long id, AwarenessOwnership ownership, AwarenessMessage message) {
        Set<Long> claims = message.sender.awareness().claims;
        if (claims.size() == AwarenessOwners.SHARE.maxClients()) {
            return;
        }
        if (ownership.claimants.isEmpty()) {
            ownership.claimedNanos = message.nowNanos;
        }
        ownership.claimants.add(message.sender);
        claims.add(id);
        contested.add(id);
        message.behind.add(id);
        for (DocumentMember owner : ownership.owners) {
            MemberAwareness member = owner.awareness();
            if (message.nowNanos - member.queryPauseEndNanos >= 0) {
                member.queryPauseEndNanos = message.nowNanos + ALIVE_NANOS;
                query(owner);
            }
        }
    }

    /** Asks a member for the awareness states that it knows, its own among them. */
    static void query(DocumentMember member) {
        member.client().send(member.protocol().awarenessQuery());
    }

    /**
     * Makes the sender of a message an owner of an id.
     *
     * @param wasKnown whether the document remembered the id before the message
     */
    void own(long id, AwarenessMessage message, boolean wasKnown) {
        long passedNanos = wasKnown && message.isClaim ? message.nowNanos : documentOpenedNanos;
        AwarenessOwnership known = owners.get(id);
        AwarenessOwnership ownership =
                known == null ? new AwarenessOwnership(passedNanos + CONTEST_NANOS, message.nowNanos) : known;
        if (ownership.lostOwner != null) {
            ownership.lostOwner = null;
            ownership.contestEndNanos = message.nowNanos + CONTEST_NANOS;
            lost.remove(id);
        }
        owners.addOwner(id, ownership, message.sender);
        if (message.isClaim) {
            ownership.renewedNanos = message.nowNanos;
        }
        boolean isNewDocument = message.nowNanos - documentOpenedNanos < Documents.GRACE_NANOS;
        hasReturned |= message.isClaim && (wasKnown || isNewDocument);
    }

    /** An owner has removed the state of an id: the id is free, unless it has other owners. */
    void removed(long id) {
        AwarenessOwnership ownership = owners.get(id);
        if (ownership != null && ownership.owners.size() == 1) {
            free(id);
        }
    }

    private void free(long id) {
        lost.remove(id);
        contested.remove(id);
        owners.free(id);
    }

    /** A member has left: its ids pass to claimants, else their states end, at once or after a grace period. */
    void leave(DocumentMember member, long nowNanos) {
        MemberAwareness left = member.awareness();
        for (long id : Set.copyOf(left.claims)) {
            AwarenessOwnership ownership = owners.get(id);
            if (ownership != null) {
                ownership.claimants.remove(member);
            }
        }
        for (long id : Set.copyOf(left.ids)) {
            AwarenessOwnership ownership = owners.get(id);
            if (ownership != null) {
                owners.removeOwner(id, ownership, member);
                endOwnership(id, ownership, member, nowNanos);
            }
        }
    }

    private void endOwnership(long id, AwarenessOwnership ownership, DocumentMember former, long nowNanos) {
        if (ownership.owners.isEmpty() && !ownership.claimants.isEmpty()) {
            promoteClaimants(id, ownership, nowNanos);
        } else if (former.wasClosedCleanly()) {
            owners.removeState(id);
            if (ownership.owners.isEmpty()) {
                free(id);
            }
        } else if (ownership.owners.isEmpty()) {
            ownership.lostOwner = former;
            ownership.graceEndNanos = nowNanos + Documents.GRACE_NANOS;
            lost.add(id);
        }
    }

    /** Makes the claimants of an id owners beside the present ones, and queries them, because their claims did not count. */
    private void promoteClaimants(long id, AwarenessOwnership ownership, long nowNanos) {
        for (DocumentMember claimant : ownership.claimants) {
            claimant.awareness().claims.remove(id);
            owners.addOwner(id, ownership, claimant);
            query(claimant);
        }
        ownership.claimants.clear();
        ownership.contestEndNanos = nowNanos + CONTEST_NANOS;
        contested.remove(id);
        hasReturned = true;
    }

    /** A client has reconnected to another server, which decides about its id from now on. */
    void passOn(long id) {
        free(id);
    }

    /** Ends the states of lost owners after their grace period, and decides claims. */
    void tick(long nowNanos) {
        for (long id : Set.copyOf(lost)) {
            AwarenessOwnership ownership = owners.get(id);
            if (ownership == null) {
                lost.remove(id);
            } else if (ownership.graceEndNanos - nowNanos <= 0) {
                owners.removeState(id);
                free(id);
            }
        }
        for (long id : Set.copyOf(contested)) {
            AwarenessOwnership ownership = owners.get(id);
            if (ownership == null) {
                contested.remove(id);
            } else {
                decide(id, ownership, nowNanos);
            }
        }
    }

    private void decide(long id, AwarenessOwnership ownership, long nowNanos) {
        if (ownership.isAlive() || ownership.claimants.isEmpty()) {
            ownership.claimants.forEach(claimant -> claimant.awareness().claims.remove(id));
            ownership.claimants.clear();
            contested.remove(id);
        } else if (nowNanos - ownership.claimedNanos >= ALIVE_NANOS) {
            promoteClaimants(id, ownership, nowNanos);
        }
    }

    /** Returns whether a client has reconnected since the last call. */
    boolean takeHasReturned() {
        boolean taken = hasReturned;
        hasReturned = false;
        return taken;
    }

    /** Returns whether {@link #tick} has work to do. */
    boolean isDue() {
        return hasReturned || !lost.isEmpty() || !contested.isEmpty();
    }
}
