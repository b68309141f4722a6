package dev.tutti.document;

import dev.tutti.document.RelayMessage.Question;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Asks other copies for changes that this server lacks, one copy at a time: its answer may have all that the others could send. A copy that does not
 * answer is asked again after the others. Confined to the document's run.
 */
final class PeerQuestions {
    /** Time for an answer. */
    private static final long ANSWER_NANOS = 2_000_000_000L;

    private final RelayPort port;
    private final RelayedContent content;
    private final Persistence persistence;
    private final OwnChanges own;

    /** The copy that was asked and has not answered. */
    private @Nullable Peer asked;

    private long askedNanos;

    PeerQuestions(RelayPort port, RelayedContent content, Persistence persistence, OwnChanges own) {
        this.port = port;
        this.content = content;
        this.persistence = persistence;
        this.own = own;
    }

    /** Returns whether a copy was asked and has not answered, perhaps for too long. */
    boolean isWaiting() {
        return asked != null;
    }

    /** A copy has answered, or has gone. */
    void ended(Peer peer) {
        if (asked == peer) {
            asked = null;
        }
    }

    /** Waits for no answer any more: messages were lost. */
    void clear() {
        asked = null;
    }

    /** Asks the next copy whose changes are missing, unless an answer or the store's rows are on their way. */
    void ask(Collection<Peer> peers, long nowNanos) {
        boolean isOnItsWay = asked != null && nowNanos - askedNanos < ANSWER_NANOS;
        if (isOnItsWay || peers.isEmpty() || persistence.isReading()) {
            return;
        }
        asked = next(peers);
        if (asked != null) {
            askedNanos = nowNanos;
            var unused = port.send(
                    new Question(port.origin(), own.progress(), asked.origin, content.stateVector(), content.digest()));
        }
    }

    private @Nullable Peer next(Collection<Peer> peers) {
        Peer first = null;
        boolean isAfterAsked = asked == null;
        for (Peer peer : peers) {
            if (peer.isBehind() && !peer.hasLeft) {
                if (isAfterAsked) {
                    return peer;
                }
                first = first == null ? peer : first;
            }
            isAfterAsked |= peer == asked;
        }
        return first;
    }
}
