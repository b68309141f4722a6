package dev.tutti.document;

import java.util.HashSet;
import java.util.Set;

/** A member's part in a document's awareness. Confined to the document's run. */
final class MemberAwareness {
    /** The ids that the member owns: its user's cursors. */
    final Set<Long> ids = new HashSet<>(2);

    /** The ids that the member claims and others own. */
    final Set<Long> claims = new HashSet<>(0);

    /** Bytes of the states of {@link #ids}. */
    long bytes;

    /** The member may receive the awareness of others, so it may echo ids that are not its own. */
    boolean isIntroduced;

    long openedNanos;

    /** Time of the member's last awareness message. */
    long receivedNanos;

    /** Until then the member is not queried again. */
    long queryPauseEndNanos;
}
