package dev.tutti.document;

import dev.tutti.document.RelayMessage.Answer;
import dev.tutti.document.RelayMessage.Bye;
import dev.tutti.document.RelayMessage.Changes;
import dev.tutti.document.RelayMessage.Hello;
import dev.tutti.document.RelayMessage.Progress;
import dev.tutti.document.RelayMessage.Question;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The copies of a document on other servers: sends them the changes of this server's clients, applies theirs, and finds out when some are missing. Confined
 * to the document's run.
 *
 * <p>Each copy numbers its changes ({@link OwnChanges}). A copy that finds a gap in another one's numbers asks that one for all that it
 * lacks. It also asks when the other one is new to it, and when its channel was cut off. So all copies are equal once messages arrive again, whichever
 * are lost. A copy without others sends nothing.
 */
final class Peers implements Copies {
    private static final Logger LOG = System.getLogger(SharedDocument.class.getName());

    /** Copies that are kept in mind; honest clusters are smaller. */
    private static final int MAX_PEERS = 256;

    /** A copy that was silent for so long has ended. */
    static final long SILENCE_NANOS = 10_000_000_000L;

    /** Time between two comparisons of a copy with all others. They find differences that numbers do not show, such as a fault of this program. */
    private static final long COMPARE_NANOS = 60_000_000_000L;

    private static final byte[] NONE = {};

    private final String name;
    private final RelayPort port;
    private final RelayedContent content;
    private final Persistence persistence;
    private final DocumentAwareness awareness;
    private final UnstoredChanges unstored;
    private final OwnChanges own;
    private final PeerQuestions questions;
    private final Map<Long, Peer> peers = new LinkedHashMap<>();
    private long contributors;
    private long compareNanos;

    Peers(
            String name,
            RelayPort port,
            RelayedContent content,
            Persistence persistence,
            DocumentAwareness awareness,
            UnstoredChanges unstored) {
        this.name = name;
        this.port = port;
        this.content = content;
        this.persistence = persistence;
        this.awareness = awareness;
        this.unstored = unstored;
        this.own = new OwnChanges(port, persistence, awareness);
        this.questions = new PeerQuestions(port, content, persistence, own);
    }

    @Override
    public void connected(long nowNanos) {
        persistence.readAgain();
        questions.clear();
        for (Peer peer : peers.values()) {
            peer.mayLack();
            peer.heardNanos = nowNanos;
        }
    }

    @Override
    public void receive(RelayMessage message, long nowNanos) throws LimitExceededException {
        try {
            if (message instanceof Hello) {
                greet(message.origin(), nowNanos);
            } else if (message instanceof Bye bye) {
                left(bye, nowNanos);
            } else if (message instanceof Changes changes) {
                receive(changes, nowNanos);
            } else if (message instanceof Question question) {
                receive(question, nowNanos);
            } else if (message instanceof Answer answer) {
                receive(answer, nowNanos);
            }
        } catch (MalformedUpdateException e) {
            LogSubject.document(name)
                    .log(LOG, Level.ERROR, "a change of another server is malformed: it " + e.getMessage(), null);
        }
    }

    /** Notes a copy that has only what it has loaded, unless it is known. */
    private void greet(long origin, long nowNanos) {
        boolean isNew = !peers.containsKey(origin);
        Peer peer = hear(origin, new Progress(0, 0), false, nowNanos);
        if (isNew && peer != null) {
            peer.lacksNothing();
        }
        own.beat();
    }

    private void receive(Changes changes, long nowNanos) throws MalformedUpdateException, LimitExceededException {
        Progress progress = changes.progress();
        Peer peer = hear(changes.origin(), progress, changes.hasChange(), nowNanos);
        if (peer == null) {
            return;
        }
        if (changes.update().length > 0) {
            try {
                byte[] change = content.apply(changes.update(), peer, nowNanos);
                if (change != null && progress.last() > progress.stored()) {
                    unstored.add(peer.origin, progress.last(), change, nowNanos);
                }
            } catch (LimitExceededException e) {
                if (!peer.isBehind()) {
                    throw e;
                }
                peer.lacks(progress.last()); // it waits for missing changes, and the answer has both
            }
        }
        if (changes.awareness().length > 0) {
            awareness.receive(peer.origin, changes.awareness());
        }
        if (changes.renews()) {
            awareness.renewLater();
        }
    }

    /** Notes that a copy lives; returns null if there are too many. */
    private @Nullable Peer hear(long origin, Progress progress, boolean hasChange, long nowNanos) {
        Peer peer = peers.get(origin);
        boolean isKnown = peer != null;
        if (peer == null) {
            if (peers.size() == MAX_PEERS) {
                return null;
            }
            peer = new Peer(origin, -2 - contributors++);
            if (peers.isEmpty()) {
                compareLater(nowNanos);
            }
            peers.put(origin, peer);
        }
        peer.heardNanos = nowNanos;
        boolean isGap = peer.note(progress.last(), hasChange);
        if (isGap && isKnown) { // a new peer begins with earlier changes
            port.gapFound();
        }
        unstored.stored(origin, progress.stored());
        return peer;
    }

    private void receive(Question question, long nowNanos) throws MalformedUpdateException {
        Peer peer = hear(question.origin(), question.progress(), false, nowNanos);
        if (peer != null && question.to() == port.origin()) {
            answer(question);
        }
    }

    private void answer(Question question) throws MalformedUpdateException {
        byte[] update = content.difference(question.stateVector(), question.digest());
        if (update == null) {
            return; // no memory now: the copy asks again
        }
        if (update.length <= RelayQueue.MAX_BYTES) {
            send(new Answer(port.origin(), own.progress(), question.origin(), update, awareness.encodeOwn(), false));
            return;
        }
        unstored.store();
        Progress progress = own.progress(); // later changes may not be stored then
        persistence.whenStored(
                () -> send(new Answer(port.origin(), progress, question.origin(), NONE, awareness.encodeOwn(), true)));
    }

    private void receive(Answer answer, long nowNanos) throws MalformedUpdateException, LimitExceededException {
        Peer peer = hear(answer.origin(), answer.progress(), false, nowNanos);
        if (peer == null || answer.to() != port.origin()) {
            return;
        }
        questions.ended(peer);
        if (answer.update().length > 0) {
            byte[] change = content.apply(answer.update(), peer, nowNanos);
            if (change != null) {
                persistence.addForeign(change); // nobody reports when it is stored: it may come from a third copy
            }
        }
        if (answer.isInStore()) {
            persistence.readAgain();
        }
        awareness.receiveAll(peer.origin, answer.awareness());
        peer.answered(answer.progress().last());
    }

    /** All changes of the copy are in the store. */
    private void left(Bye bye, long nowNanos) {
        unstored.stored(bye.origin(), Long.MAX_VALUE);
        Peer peer = peers.get(bye.origin());
        if (peer == null ? bye.last() > 0 : peer.lacksAny(bye.last())) {
            persistence.readAgain();
        }
        if (peer != null) {
            peer.hasLeft = true;
            peer.endNanos = nowNanos + Documents.GRACE_NANOS;
        }
    }

    @Override
    public void endRun(byte @Nullable [] update, long nowNanos) {
        Set<Long> awarenessIds = awareness.takeUnknownElsewhere();
        if (update != null || !awarenessIds.isEmpty()) {
            if (peers.isEmpty()) {
                own.number(); // a copy that comes asks for all
            } else {
                own.add(update, awarenessIds);
            }
        }
        own.endRun(!peers.isEmpty(), nowNanos);
        if (port.isConnected() && !questions.isWaiting()) {
            questions.ask(peers.values(), nowNanos);
        }
        if (peers.isEmpty()) {
            port.setNoRunDue(nowNanos);
        } else {
            port.setRunDue(own.beatDueNanos());
        }
    }

    private void send(RelayMessage message) {
        var unused = port.send(message);
    }

    @Override
    public void tick(long nowNanos) {
        unstored.tick(nowNanos);
        if (!port.isConnected()) {
            peers.values().forEach(peer -> peer.heardNanos = nowNanos);
            return;
        }
        endSilent(nowNanos);
        if (!peers.isEmpty()) {
            own.tick(nowNanos);
            if (nowNanos - compareNanos >= 0) {
                compareLater(nowNanos);
                peers.values().forEach(Peer::mayLack);
            }
        }
        questions.ask(peers.values(), nowNanos);
    }

    private void compareLater(long nowNanos) {
        compareNanos = nowNanos + COMPARE_NANOS + port.jitter(COMPARE_NANOS / 4);
    }

    private void endSilent(long nowNanos) {
        for (Iterator<Peer> all = peers.values().iterator(); all.hasNext(); ) {
            Peer peer = all.next();
            boolean isSilent = nowNanos - peer.heardNanos >= SILENCE_NANOS;
            if (isSilent || (peer.hasLeft && nowNanos - peer.endNanos >= 0)) {
                all.remove();
                questions.ended(peer);
                awareness.end(peer.origin);
                unstored.storeOf(peer.origin);
                if (!peer.hasLeft) {
                    persistence.readAgain(); // it may have stored changes that it could not send
                }
            }
        }
    }

    @Override
    public long last() {
        return own.progress().last();
    }

    @Override
    public boolean isDue() {
        return !unstored.isEmpty() || own.isDue(!peers.isEmpty()) || hasBehindOrLeft();
    }

    private boolean hasBehindOrLeft() {
        for (Peer peer : peers.values()) {
            if (peer.isBehind() || peer.hasLeft) {
                return true;
            }
        }
        return false;
    }
}
