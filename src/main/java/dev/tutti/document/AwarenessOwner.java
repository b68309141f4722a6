package dev.tutti.document;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which members speak for an awareness id, and which claim it. Confined to the document's run. */
final class AwarenessOwner {
    /** One, but for claims that were admitted beside it; none while the last of them has vanished. */
    final Set<DocumentMember> holders = new LinkedHashSet<>(2);

    /** Wait until the holders have shown themselves alive, or have not. */
    final Set<DocumentMember> claimants = new LinkedHashSet<>(0);

    /** When the first of the claimants came. */
    long claimedNanos;

    /** The last holder, if its connection broke. */
    @Nullable
    DocumentMember vanished;

    /** When it is taken for gone. */
    long goneNanos;

    /** Before this, claims are admitted beside the holders. */
    long openUntilNanos;

    /** When its clock was last raised. */
    long raisedNanos;

    AwarenessOwner(long openUntilNanos, long nowNanos) {
        this.raisedNanos = nowNanos;
        this.openUntilNanos = openUntilNanos;
    }

    /** Returns whether a holder has spoken since the id was claimed. */
    boolean isAlive() {
        return holders.stream().anyMatch(holder -> holder.awareness().heardNanos - claimedNanos > 0);
    }
}
