package dev.tutti.document;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An awareness message of one member while it is applied entry by entry. Confined to the document's run. */
final class AwarenessMessage {
    final DocumentMember sender;
    /** Whether this is the sender's first awareness message, whose entries are claims. */
    final boolean isClaim;

    final long nowNanos;

    /** The ids whose entries are older than the document's states; the sender receives those states at once. */
    final List<Long> outdated = new ArrayList<>();

    /** The claimed ids whose clock on the new connection is behind the document's. */
    final List<Long> behind = new ArrayList<>();

    /** The lost owner whose ids the sender takes over, because it seems to be the same client; null until an entry names one. */
    @Nullable
    DocumentMember predecessor;

    int appliedEntries;

    /** The largest share was cut for this message; once is enough. */
    boolean hasCut;

    AwarenessMessage(DocumentMember sender, boolean isClaim, long nowNanos) {
        this.sender = sender;
        this.isClaim = isClaim;
        this.nowNanos = nowNanos;
    }
}
