package dev.tutti.document;

import dev.tutti.yjs.Awareness;
import dev.tutti.yjs.AwarenessLimits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.MalformedUpdateException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who is seen in a document, by Yjs's ids, and which participant has announced whom: nobody speaks for somebody else, and who vanishes has
 * a while to come back. Confined to the document's run.
 */
final class Announcements {
    /** Room for some hundreds of people with names, colours and cursors. */
    private static final AwarenessLimits LIMITS = new AwarenessLimits(10_000, 128 * 1024);

    /**
     * Somebody whose connection broke.
     *
     * @param untilNanos when they are taken for gone
     * @param serial those who opened the document after this many may be the same on another connection; who was there before only
     *     repeats what it heard
     */
    private record Vanished(long untilNanos, long serial) {}

    private final Awareness awareness = new Awareness(LIMITS);
    /** Who has announced whom; an id that was announced on a connection that broke is free for the next. */
    private final Map<Long, Participant> announcers = new LinkedHashMap<>();

    private final Map<Long, Vanished> vanished = new HashMap<>();
    /** Of whom all have to be told. */
    private final Set<Long> news = new LinkedHashSet<>();
    /** Somebody came back who has forgotten the others. */
    private boolean cameBack;

    /**
     * Hears what a participant says of who is there.
     *
     * @return of whom the participant has to be told at once what is known of them
     */
    List<Long> hear(Participant participant, byte[] update, long nowNanos)
            throws MalformedUpdateException, LimitExceededException {
        boolean isNew = participant.announced.isEmpty(); // and speaks of itself: what it repeats of others comes later
        Awareness.Change change = awareness.apply(update, millis(nowNanos), id -> maySpeakOf(participant, id), isNew);
        change.added().forEach(id -> announce(participant, id));
        change.updated().forEach(id -> announce(participant, id));
        change.repeated().forEach(id -> announce(participant, id)); // back before it was taken for gone
        for (long id : change.removed()) {
            announcers.remove(id);
            participant.announced.remove(id);
        }
        news.addAll(change.changed());
        cameBack |= !change.outdated().isEmpty();
        return isNew ? List.of() : change.outdated();
    }

    /** Clients repeat what they hear of others; only what comes from the one who announced somebody counts. */
    private boolean maySpeakOf(Participant participant, long id) {
        Participant announcer = announcers.get(id);
        Vanished since = vanished.get(id);
        return announcer == null || announcer == participant || (since != null && participant.serial >= since.serial);
    }

    private void announce(Participant participant, long id) {
        Participant before = announcers.put(id, participant);
        if (before != null) {
            before.announced.remove(id);
        }
        participant.announced.add(id);
        cameBack |= vanished.remove(id) != null;
    }

    /**
     * A participant has left: whom it announced is gone, at once or after a while.
     *
     * @param opened how many have opened the document until now
     */
    void leave(Participant participant, long opened, long nowNanos) {
        if (participant.hasSaidGoodbye()) {
            news.addAll(awareness.remove(participant.announced, millis(nowNanos)));
            participant.announced.forEach(announcers::remove);
        } else {
            participant.announced.forEach(
                    id -> vanished.put(id, new Vanished(nowNanos + Documents.GRACE_NANOS, opened)));
        }
    }

    /**
     * Does what is due by the clock: takes those for gone whose while is over, and says of all who are there anew what is known of them if
     * somebody has come back. A stock client that has lost its connection takes the others for gone, and believes that they are there only
     * when it hears something newer than what it knew, which may take 15 seconds.
     */
    void tick(long nowNanos) {
        Set<Long> gone = new LinkedHashSet<>();
        vanished.forEach((id, since) -> {
            if (since.untilNanos - nowNanos <= 0) {
                gone.add(id);
            }
        });
        gone.forEach(id -> {
            vanished.remove(id);
            announcers.remove(id);
        });
        news.addAll(awareness.remove(gone, millis(nowNanos)));
        if (cameBack) {
            cameBack = false;
            news.addAll(awareness.renew(awareness.clients(), millis(nowNanos)));
        }
    }

    /** Returns whether the clock has something to do here. */
    boolean isDue() {
        return cameBack || !vanished.isEmpty();
    }

    /** Returns of whom all have to be told since this was last asked. */
    Set<Long> takeNews() {
        if (news.isEmpty()) {
            return Set.of();
        }
        Set<Long> taken = new LinkedHashSet<>(news);
        news.clear();
        return taken;
    }

    /** Returns whether nobody is seen. */
    boolean isEmpty() {
        return awareness.clients().isEmpty();
    }

    /** Returns what is known of everybody, encoded. */
    byte[] encode() {
        return awareness.encode(awareness.clients());
    }

    /** Returns what is known of some, encoded. */
    byte[] encode(Collection<Long> ids) {
        return awareness.encode(ids);
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }
}
