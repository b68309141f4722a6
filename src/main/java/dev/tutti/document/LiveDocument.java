package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Refusal;
import dev.tutti.yjs.Awareness;
import dev.tutti.yjs.AwarenessLimits;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.MalformedUpdateException;
import dev.tutti.yjs.Updates;
import dev.tutti.yjs.YDocument;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A document that somebody has open: its state, who has it open, and whom they have announced.
 *
 * <p>As in a room, what happens goes into an inbox, and a <b>run</b>, one at a time, takes all that waits: updates are applied in their
 * order, and what was new in them goes to everybody as one update, the senders included. Until the document is loaded there is no run, and
 * what happens waits.
 */
final class LiveDocument implements Runnable {
    private static final Logger LOG = System.getLogger(LiveDocument.class.getName());

    /** Room for some hundreds of people with names, colours and cursors. */
    private static final AwarenessLimits AWARENESS = new AwarenessLimits(10_000, 128 * 1024);

    /** A state vector has an entry for each client that ever wrote, so it is not made for each keystroke. */
    private static final int RUNS_A_STATE_VECTOR = 64;

    /** What happens to a document. */
    private sealed interface Event {}

    private record Opened(Participant participant) implements Event {}

    @SuppressWarnings("ArrayRecordComponent") // events are not compared
    private record Received(Participant participant, byte[] frame) implements Event {}

    private record CaughtUp(Participant participant) implements Event {}

    private record Left(Participant participant) implements Event {}

    private record Tick() implements Event {}

    /**
     * Somebody whose connection broke.
     *
     * @param untilNanos when they are taken for gone
     * @param serial those who opened the document after this many may be the same on another connection; who was there before only
     *     repeats what it heard
     */
    private record Vanished(long untilNanos, long serial) {}

    private final Documents documents;
    private final String name;

    // Guarded by this.
    private List<Event> inbox = new ArrayList<>();
    private long inboxBytes;
    /** A run is under way or asked for, or the document is being loaded. */
    private boolean scheduled = true;
    /** The document could not be loaded: nothing happens any more. */
    private boolean failed;

    // Confined to the run, and before it to whoever loads.
    private YDocument state = new YDocument(DocumentLimits.DEFAULT);
    private final Awareness awareness = new Awareness(AWARENESS);
    private final Set<Participant> participants = new LinkedHashSet<>();
    /** Who has announced whom; an id that was announced on a connection that broke is free for the next. */
    private final Map<Long, Participant> announcers = new LinkedHashMap<>();
    /** Whose connection broke. */
    private final Map<Long, Vanished> vanished = new LinkedHashMap<>();
    /** Somebody came back who has forgotten the others. */
    private boolean cameBack;

    /** The clock has something to do; written by the run alone. */
    private volatile boolean isDue;

    private long opened;
    /** How far the document went some runs ago. */
    private byte[] someStateVector = state.stateVector();

    private long runs;
    private boolean changed;
    /** What all documents together count of this one. */
    private long countedBytes;

    /** How many have this open, or are on their way in; guarded by the map of documents. */
    int occupants;

    LiveDocument(Documents documents, String name) {
        this.documents = documents;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Begins with what the store has. */
    void load() {
        documents.store().load(name).whenComplete((stored, failure) -> {
            if (failure == null) {
                try {
                    loaded(stored);
                    return;
                } catch (MalformedUpdateException e) {
                    LOG.log(Level.ERROR, "document " + name + " cannot be read", e);
                }
            } else {
                LOG.log(Level.ERROR, "document " + name + " cannot be loaded", failure);
            }
            documents.failed(this);
            cannotOpen();
        });
    }

    private void loaded(List<byte[]> stored) throws MalformedUpdateException {
        if (!stored.isEmpty()) {
            state = YDocument.decode(
                    stored.size() == 1 ? stored.get(0) : Updates.merge(stored), DocumentLimits.DEFAULT);
        }
        documents.executor().execute(this);
    }

    /** Turns everybody away, now and for as long as they come. */
    private void cannotOpen() {
        List<Event> waiting;
        synchronized (this) {
            failed = true;
            waiting = inbox;
            inbox = new ArrayList<>();
        }
        for (Event event : waiting) {
            if (event instanceof Opened opened) {
                turnAway(opened.participant);
            }
        }
    }

    private static void turnAway(Participant participant) {
        participant.client().close(CloseCode.TRY_LATER, "the document cannot be loaded");
    }

    void open(Participant participant) {
        if (!add(new Opened(participant), 0)) {
            turnAway(participant);
        }
    }

    void receive(Participant participant, byte[] frame) {
        if (!add(new Received(participant, frame), frame.length + 1)) {
            participant.client().refuse(Refusal.ROOM_QUEUE);
        }
    }

    void catchUp(Participant participant) {
        add(new CaughtUp(participant), 0);
    }

    void leave(Participant participant) {
        add(new Left(participant), 0);
    }

    void tick() {
        if (isDue) {
            add(new Tick(), 0);
        }
    }

    private boolean add(Event event, int bytes) {
        int max = documents.limits().maxRoomQueuedBytes();
        boolean idle;
        synchronized (this) {
            if (failed || (bytes > 0 && max != 0 && inboxBytes + bytes > max)) {
                return false;
            }
            inbox.add(event);
            inboxBytes += bytes;
            idle = !scheduled;
            scheduled = true;
        }
        if (idle) {
            documents.executor().execute(this);
        }
        return true;
    }

    /** One run: takes all that waits. Only the executor calls this, once for each time it was asked. */
    @Override
    public void run() {
        List<Event> events;
        synchronized (this) {
            events = inbox;
            inbox = new ArrayList<>();
            inboxBytes = 0;
        }
        try {
            process(events);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a run of document " + name + " failed", e);
        }
        synchronized (this) {
            if (inbox.isEmpty()) {
                scheduled = false;
                return;
            }
        }
        documents.executor().execute(this);
    }

    private void process(List<Event> events) {
        noteWhoHasEverything();
        List<byte[]> news = new ArrayList<>();
        Set<Long> aware = new LinkedHashSet<>();
        int left = 0;
        for (Event event : events) {
            if (event instanceof Received received) {
                receive(received.participant, received.frame, news, aware);
            } else if (event instanceof Opened opened) {
                opened.participant.serial = this.opened++;
                participants.add(opened.participant);
                greet(opened.participant);
            } else if (event instanceof CaughtUp caughtUp) {
                bringUpToDate(caughtUp.participant);
            } else if (event instanceof Left leaver) {
                left++;
                remove(leaver.participant, aware);
            } else if (event instanceof Tick) {
                aware.addAll(expire());
                introduceAnew();
            }
        }
        tellAll(news, aware);
        isDue = cameBack || !vanished.isEmpty();
        documents.grow(state.memoryBytes() - countedBytes);
        countedBytes = state.memoryBytes();
        if (left > 0) {
            documents.vacate(this, left);
        }
    }

    /**
     * Notes up to where those have everything for whom nothing waits: an earlier point would do, too, so it is not looked up each time.
     * What is sent to them from here on may be dropped.
     */
    private void noteWhoHasEverything() {
        if (runs++ % RUNS_A_STATE_VECTOR == 0) {
            someStateVector = state.stateVector();
        }
        for (Participant participant : participants) {
            if (participant.client().isIdle()) {
                participant.stateVector = someStateVector;
            }
        }
    }

    private void receive(Participant participant, byte[] frame, List<byte[]> news, Set<Long> aware) {
        if (!participants.contains(participant)) {
            return; // it left
        }
        try {
            SyncProtocol.Message message = SyncProtocol.decode(frame);
            if (message instanceof SyncProtocol.Tell tell) {
                if (!participant.isReadOnly()) {
                    apply(participant, tell.update(), news);
                }
            } else if (message instanceof SyncProtocol.Aware said) {
                hear(participant, said.update(), aware);
            } else if (message instanceof SyncProtocol.Ask ask) {
                send(participant, SyncProtocol.answer(state.diff(ask.stateVector())));
            } else if (message instanceof SyncProtocol.AskAware) {
                send(participant, SyncProtocol.aware(awareness.encode(awareness.clients())));
            }
        } catch (MalformedUpdateException e) {
            participant.client().close(CloseCode.MALFORMED, String.valueOf(e.getMessage()));
        } catch (LimitExceededException e) {
            participant.client().close(CloseCode.POLICY, String.valueOf(e.getMessage()));
        }
    }

    private void apply(Participant participant, byte[] update, List<byte[]> news)
            throws MalformedUpdateException, LimitExceededException {
        long max = documents.limits().maxDocumentBytes();
        if (max != 0 && state.memoryBytes() + update.length > max) {
            throw new LimitExceededException("this document is as large as it may be");
        }
        if (!documents.haveSpace(update.length)) {
            throw new LimitExceededException("all documents together are as large as they may be");
        }
        Optional<byte[]> changes = state.apply(update);
        if (changes.isPresent()) {
            news.add(changes.get());
        } else {
            send(participant, SyncProtocol.tell(update)); // it waits for its echo
        }
    }

    private void hear(Participant participant, byte[] update, Set<Long> aware)
            throws MalformedUpdateException, LimitExceededException {
        Awareness.Change change =
                awareness.apply(update, documents.time().nanos() / 1_000_000, id -> maySpeakOf(participant, id));
        for (long id : change.added()) {
            announce(participant, id);
        }
        for (long id : change.updated()) {
            announce(participant, id);
        }
        for (long id : change.repeated()) {
            announce(participant, id); // back before it was taken for gone
        }
        for (long id : change.removed()) {
            announcers.remove(id);
            participant.announced.remove(id);
        }
        aware.addAll(change.changed());
        if (!change.outdated().isEmpty()) {
            cameBack = true;
            send(participant, SyncProtocol.aware(awareness.encode(change.outdated())));
        }
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

    private void greet(Participant participant) {
        List<Frame> frames = new ArrayList<>(2);
        frames.add(SyncProtocol.ask(state.stateVector()));
        List<Long> there = awareness.clients();
        if (!there.isEmpty()) {
            frames.add(SyncProtocol.aware(awareness.encode(there)));
        }
        participant.client().send(Batch.of(frames));
    }

    /** Tells a client all at once that was dropped because it was slow. */
    private void bringUpToDate(Participant participant) {
        if (!participants.contains(participant)) {
            return;
        }
        byte[] known = participant.stateVector;
        participant.client().resume();
        try {
            send(
                    participant,
                    SyncProtocol.tell(known == null ? state.encode() : state.diff(known)),
                    SyncProtocol.aware(awareness.encode(awareness.clients())));
        } catch (MalformedUpdateException e) {
            throw new AssertionError("a state vector of our own", e);
        }
    }

    private void remove(Participant participant, Set<Long> aware) {
        if (!participants.remove(participant)) {
            return;
        }
        if (participant.hasSaidGoodbye()) {
            aware.addAll(
                    awareness.remove(participant.announced, documents.time().nanos() / 1_000_000));
            participant.announced.forEach(announcers::remove);
        } else {
            long until = documents.time().nanos() + Documents.GRACE_NANOS;
            participant.announced.forEach(id -> vanished.put(id, new Vanished(until, opened)));
        }
    }

    private Set<Long> expire() {
        long now = documents.time().nanos();
        Set<Long> gone = new LinkedHashSet<>();
        vanished.forEach((id, since) -> {
            if (since.untilNanos - now <= 0) {
                gone.add(id);
            }
        });
        gone.forEach(id -> {
            vanished.remove(id);
            announcers.remove(id);
        });
        return new LinkedHashSet<>(awareness.remove(gone, now / 1_000_000));
    }

    /**
     * A stock client that has lost its connection takes the others for gone, and believes that they are there only when they say something
     * newer than what it knows, which may take 15 seconds. Whoever is told that it is gone itself says so at once.
     */
    private void introduceAnew() {
        if (!cameBack) {
            return;
        }
        cameBack = false;
        for (Participant participant : participants) {
            if (!participant.announced.isEmpty()) {
                send(participant, SyncProtocol.aware(awareness.encodeGone(participant.announced)));
            }
        }
    }

    private void tellAll(List<byte[]> news, Set<Long> aware) {
        List<Frame> frames = new ArrayList<>(2);
        if (!news.isEmpty()) {
            byte[] update = news.size() == 1 ? news.get(0) : merge(news);
            frames.add(SyncProtocol.tell(update));
            changed = true;
            store(update);
        }
        if (!aware.isEmpty()) {
            frames.add(SyncProtocol.aware(awareness.encode(aware)));
        }
        if (!frames.isEmpty()) {
            Batch batch = Batch.of(frames);
            for (Participant participant : participants) {
                participant.client().send(batch);
            }
        }
    }

    private static byte[] merge(List<byte[]> news) {
        try {
            return Updates.merge(news);
        } catch (MalformedUpdateException e) {
            throw new AssertionError("updates of our own", e);
        }
    }

    private void store(byte[] update) {
        var unused = documents.store().append(name, update).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.log(Level.ERROR, "an update of document " + name + " was not stored", failure);
            }
        });
    }

    /** Returns the state if it has changed since it was loaded; called when nobody has the document open, and nobody can open it. */
    byte @Nullable [] stateIfChanged() {
        return changed ? state.encode() : null;
    }

    /** Returns what {@link Documents#grow} was told of in all; called in the run. */
    long countedBytes() {
        return countedBytes;
    }

    private static void send(Participant participant, Frame... frames) {
        participant.client().send(Batch.of(List.of(frames)));
    }
}
