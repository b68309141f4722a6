package dev.tutti.document;

import java.util.HashSet;
import java.util.Set;

/** How a member takes part in a document's awareness. Confined to the document's run. */
final class AwarenessSession {
    /** The ids that it speaks for: its user's cursors. */
    final Set<Long> ids = new HashSet<>(2);

    /** The ids that it claims, of which others speak. */
    final Set<Long> claims = new HashSet<>(0);

    /** How long the states of {@link #ids} are. */
    long bytes;

    /** It has spoken, or is told of others for another reason: from here on it may repeat what it hears. */
    boolean isIntroduced;

    long openedNanos;
    /** When it last spoke. */
    long heardNanos;
    /** Until when it is not asked again whether it is there. */
    long askedUntilNanos;
}
