package dev.tutti.document;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The owners and claimants of one awareness id. Confined to the document's run. */
final class AwarenessOwnership {
    /** One member, or several if claims were admitted; none during the grace period of {@link #lostOwner}. */
    final Set<DocumentMember> owners = new LinkedHashSet<>(2);

    /** Wait until an owner has proved to be alive, or has not. */
    final Set<DocumentMember> claimants = new LinkedHashSet<>(0);

    /** Time of the first of the {@link #claimants}. */
    long claimedNanos;

    /** The last owner, if its connection broke and its grace period lasts; else null. */
    @Nullable
    DocumentMember lostOwner;

    /** End of the grace period of {@link #lostOwner}. */
    long graceEndNanos;

    /** Until then claims are admitted beside the owners. */
    long contestEndNanos;

    /** Time of the last claim or renewal, both of which raise the id's clock. */
    long renewedNanos;

    AwarenessOwnership(long contestEndNanos, long nowNanos) {
        this.renewedNanos = nowNanos;
        this.contestEndNanos = contestEndNanos;
    }

    /** Returns whether an owner has sent awareness since the id was claimed. */
    boolean isAlive() {
        return owners.stream().anyMatch(owner -> owner.awareness().receivedNanos - claimedNanos > 0);
    }
}
