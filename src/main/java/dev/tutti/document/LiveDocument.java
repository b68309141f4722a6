package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Refusal;
import dev.tutti.yjs.Allowance;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.MalformedUpdateException;
import dev.tutti.yjs.YDocument;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A document that somebody has open: its state, who has it open, and what of it is not stored.
 *
 * <p>As in a room, what happens goes into an inbox, and a <b>run</b>, one at a time, takes all that waits: updates are applied in their
 * order, and what was new in them goes to everybody as one update. The first run is that which finds the document loaded; until then, what
 * happens waits.
 */
final class LiveDocument implements Runnable {
    private static final Logger LOG = System.getLogger(LiveDocument.class.getName());

    /** A state vector has an entry for each client that ever wrote, so it is not made for each keystroke. */
    private static final int RUNS_A_STATE_VECTOR = 64;

    /** What so few participants are told in so few bytes is told by the thread that hears it. */
    private static final int MAX_INLINE_PARTICIPANTS = 8;

    private static final int MAX_INLINE_BYTES = 4 * 1024;

    /**
     * Telling a participant costs some 8 µs, so a document that is told to all no more often than this takes at most a fifth of a processor,
     * and what comes meanwhile goes together: 2 ms for 50. Small documents never wait.
     */
    private static final long REST_NANOS_A_PARTICIPANT = 40_000;

    private static final int MIN_RESTING_PARTICIPANTS = 16;

    /** What people do not notice. */
    private static final long MAX_REST_NANOS = 25_000_000;

    /** How long an update may wait for those before it. */
    private static final long MAX_PARKED_MILLIS = 3_600_000;

    /** The same when the document is put away: nobody is there who could bring them. */
    private static final long MAX_DESERTED_PARKED_MILLIS = 60_000;

    /** What became of an event. */
    private enum Adding {
        REFUSED,
        /** Others wait before it, or a run is under way. */
        BEHIND,
        /** A run is to be asked for. */
        FIRST
    }

    /** What happens to a document. */
    private sealed interface Event {}

    private record Opened(Participant participant) implements Event {}

    private record Received(Participant participant, Message message) implements Event {}

    private record CaughtUp(Participant participant) implements Event {}

    private record Left(Participant participant) implements Event {}

    private record Asked(CompletableFuture<Documents.Stored> answer) implements Event {}

    private record Written(Saving.Written end) implements Event {}

    private record Tick() implements Event {}

    /** Other servers may have written rows that are not known here. */
    private record RowsMissed() implements Event {}

    private final Documents documents;
    private final String name;

    // Guarded by this.
    private List<Event> inbox = new ArrayList<>();
    private long inboxBytes;
    /** A run is under way or asked for, or the document is being loaded. */
    private boolean scheduled = true;
    /** The document could not be loaded: nothing happens any more. */
    private boolean failed;

    /** What was loaded, until the first run has read it. */
    private @Nullable List<StoredUpdate> loaded;

    // Confined to the run.
    private YDocument state = new YDocument(DocumentLimits.DEFAULT);
    private final Set<Participant> participants = new LinkedHashSet<>();
    private final Announcements announcements = new Announcements();
    private final Saving saving;
    /** What other servers have stored, until everybody here is told. */
    private final List<byte[]> found = new ArrayList<>(0);

    /** How many have opened this. */
    private long contributors;

    /** More is stored than the state has, because what was parked for too long was dropped. */
    private boolean hasDropped;

    /** How far the document went some runs ago. */
    private byte[] someStateVector = state.stateVector();

    private long runs;
    /** What all documents together count of this one. */
    private long countedBytes;
    /** An answer has to wait until the client that asked has read others. */
    private boolean hasPostponed;

    // Written by the run alone.
    /** The clock has something to do. */
    private volatile boolean isDue;

    private volatile int openCount;

    /** Before this, there is no run. */
    private volatile long restUntilNanos;

    /** How many have this open, or are on their way in; guarded by the map of documents. */
    int occupants;

    /** Nobody had this open when the run before this one ended, but it was not stored; confined to the run. */
    boolean isDeserted;

    LiveDocument(Documents documents, String name) {
        this.documents = documents;
        this.name = name;
        this.restUntilNanos = documents.time().nanos();
        this.saving = new Saving(documents.store(), name, this::merge, end -> add(new Written(end), 0));
    }

    String name() {
        return name;
    }

    /** Begins with what the store has. */
    void load() {
        beginWith(documents.store().load(name));
    }

    /** Begins with rows that come. */
    void beginWith(CompletionStage<List<StoredUpdate>> rows) {
        rows.whenComplete((stored, failure) -> {
            if (failure == null) {
                loaded = stored;
                documents.executor().execute(this);
            } else {
                cannotOpen(failure);
            }
        });
    }

    /** Turns everybody away, now and for as long as they come. */
    private void cannotOpen(Throwable failure) {
        LOG.log(Level.ERROR, "document " + name + " cannot be loaded", failure);
        documents.failed(this);
        List<Event> waiting;
        synchronized (this) {
            failed = true;
            waiting = inbox;
            inbox = new ArrayList<>();
        }
        for (Event event : waiting) {
            turnAway(event);
        }
    }

    private static void turnAway(Event event) {
        if (event instanceof Opened opened) {
            opened.participant.client().close(CloseCode.TRY_LATER, "the document cannot be loaded");
        } else if (event instanceof Asked asked) {
            asked.answer.completeExceptionally(new StoreException("the document cannot be loaded"));
        }
    }

    void open(Participant participant) {
        addOrTurnAway(new Opened(participant));
    }

    /** Says how far the document is stored, and leaves it. */
    void ask(CompletableFuture<Documents.Stored> answer) {
        addOrTurnAway(new Asked(answer));
    }

    private void addOrTurnAway(Event event) {
        if (!add(event, 0)) {
            turnAway(event);
        }
    }

    void receive(Participant participant, Message message, int bytes) {
        Adding added = put(new Received(participant, message), bytes);
        if (added == Adding.REFUSED) {
            participant.client().refuse(Refusal.ROOM_QUEUE);
        } else if (added == Adding.FIRST) {
            if (bytes <= MAX_INLINE_BYTES && openCount <= MAX_INLINE_PARTICIPANTS && waitNanos() <= 0) {
                run(); // quicker than to wake somebody
            } else {
                schedule();
            }
        }
    }

    void catchUp(Participant participant) {
        add(new CaughtUp(participant), 0);
    }

    void leave(Participant participant) {
        add(new Left(participant), 0);
    }

    /** Has the rows read that other servers may have written; for any thread. */
    void readAgain() {
        add(new RowsMissed(), 0);
    }

    void tick() {
        if (isDue) {
            add(new Tick(), 0);
        }
    }

    private boolean add(Event event, int bytes) {
        Adding added = put(event, bytes);
        if (added == Adding.FIRST) {
            schedule();
        }
        return added != Adding.REFUSED;
    }

    private synchronized Adding put(Event event, int bytes) {
        int max = documents.limits().maxRoomQueuedBytes();
        if (failed || (bytes > 0 && max != 0 && inboxBytes + bytes > max)) {
            return Adding.REFUSED;
        }
        inbox.add(event);
        inboxBytes += bytes;
        boolean idle = !scheduled;
        scheduled = true;
        return idle ? Adding.FIRST : Adding.BEHIND;
    }

    private void schedule() {
        long wait = waitNanos();
        Executor executor = documents.executor();
        (wait <= 0 ? executor : CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS, executor)).execute(this);
    }

    /** Returns how long the next run has to wait, so that a large document takes only its share of a processor. */
    private long waitNanos() {
        return restUntilNanos - documents.time().nanos();
    }

    /** One run: takes all that waits. There is one at a time, called by whoever made {@link #scheduled} true. */
    @Override
    public void run() {
        List<StoredUpdate> stored = loaded;
        if (stored != null && !begin(stored)) {
            return;
        }
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
        schedule();
    }

    private boolean begin(List<StoredUpdate> stored) {
        loaded = null;
        try {
            state = YDocument.decode(
                    stored.stream().map(StoredUpdate::update).toList(),
                    DocumentLimits.DEFAULT,
                    TimeUnit.NANOSECONDS.toMillis(documents.time().nanos()));
        } catch (MalformedUpdateException e) {
            cannotOpen(e);
            return false;
        }
        saving.begin(stored);
        return true;
    }

    /** Takes an update that another server has stored. Returns false if that cannot be; then its row stays as it is. */
    private boolean merge(byte[] update) {
        try {
            state.apply(update).ifPresent(found::add);
            return true;
        } catch (MalformedUpdateException | LimitExceededException e) {
            LOG.log(Level.ERROR, "another server stored what document " + name + " cannot take", e);
            return false;
        }
    }

    private void process(List<Event> events) {
        long now = documents.time().nanos();
        noteWhoHasEverything();
        Contributions contributions = new Contributions();
        int left = 0;
        for (Event event : events) {
            if (event instanceof Received received) {
                receive(received.participant, received.message, contributions, now);
            } else if (event instanceof Opened opened) {
                opened.participant.contributor = ++contributors;
                participants.add(opened.participant);
                announcements.open(opened.participant, now);
                greet(opened.participant);
            } else if (event instanceof CaughtUp caughtUp) {
                bringUpToDate(caughtUp.participant);
            } else if (event instanceof Left leaver) {
                left++;
                if (participants.remove(leaver.participant)) {
                    announcements.leave(leaver.participant, now);
                }
            } else if (event instanceof Asked asked) {
                left++;
                asked.answer.complete(stored());
            } else if (event instanceof Written written) {
                saving.written(written.end, now);
            } else if (event instanceof RowsMissed) {
                saving.readAgain();
            } else if (event instanceof Tick) {
                announcements.tick(now);
                answerPostponed();
            }
        }
        saving.write(state, now);
        found.forEach(contributions::addFound);
        found.clear();
        tellAll(contributions, now);
        isDue = announcements.isDue() || saving.isDue() || hasPostponed;
        documents.grow(state.memoryBytes() - countedBytes);
        countedBytes = state.memoryBytes();
        openCount = participants.size();
        documents.vacate(this, left, now);
    }

    /**
     * Notes up to where those have everything for whom nothing waits: an earlier point would do, too, so it is not looked up each time.
     * What is sent to them from here on may be dropped.
     */
    private void noteWhoHasEverything() {
        if (runs++ % RUNS_A_STATE_VECTOR == 0) {
            someStateVector = state.stateVector();
            dropParked(documents.time().nanos(), MAX_PARKED_MILLIS);
        }
        for (Participant participant : participants) {
            // in this order: who is idle again because it reads again was marked as behind before
            if (participant.unconfirmed == 0 && participant.client().isIdle() && !participant.isBehind()) {
                participant.stateVector = someStateVector;
            }
        }
    }

    private void receive(Participant participant, Message message, Contributions contributions, long now) {
        if (!participants.contains(participant)) {
            return; // it left
        }
        try {
            if (message instanceof Message.Tell tell) {
                take(participant, tell, contributions);
            } else if (message instanceof Message.Aware said) {
                List<Long> outdated = announcements.hear(participant, said.update(), now);
                if (!outdated.isEmpty()) {
                    send(participant, participant.wire().aware(announcements.encode(outdated)));
                }
            } else if (message instanceof Message.Ask ask) {
                participant.asked = ask.stateVector();
                answer(participant);
            } else if (message instanceof Message.AskAware) {
                announcements.introduce(participant);
                send(participant, participant.wire().aware(announcements.encode()));
            } else if (message instanceof Message.Confirm confirm) {
                Frame frame = participant.wire().confirmed(confirm.mark());
                saving.whenStored(() -> participant.client().answer(List.of(frame)));
            }
        } catch (MalformedUpdateException e) {
            participant.client().close(participant.wire().malformed(), String.valueOf(e.getMessage()));
        } catch (LimitExceededException e) {
            participant.client().close(CloseCode.POLICY, String.valueOf(e.getMessage()));
        }
    }

    private void take(Participant participant, Message.Tell tell, Contributions contributions)
            throws MalformedUpdateException, LimitExceededException {
        if (participant.isReadOnly()) {
            Frame ignored = participant.wire().ignored(state.contains(tell.update()));
            if (ignored != null) {
                participant.client().answer(List.of(ignored));
            }
            return;
        }
        byte[] update = tell.update();
        boolean begins = saving.isEmpty() && !state.contains(update);
        if (begins && !documents.mayBegin()) {
            participant.client().refuse(Refusal.DOCUMENTS);
            return;
        }
        Optional<byte[]> news = state.apply(update, allowance(participant));
        news.ifPresent(saving::add);
        if (begins && news.isPresent()) {
            documents.addBeginning(1);
            saving.whenStored(() -> documents.addBeginning(-1));
        }
        contributions.add(participant, update, news);
    }

    /** Deletes have an eighth more space than what is written: they are what makes room. */
    private Allowance allowance(Participant participant) {
        long max = documents.limits().maxDocumentBytes();
        long left = max == 0 ? Long.MAX_VALUE / 2 : max - state.memoryBytes();
        long space = documents.space();
        return new Allowance(
                participant.contributor,
                Math.min(left, space),
                Math.min(left + max / 8, space + documents.limits().maxDocumentsBytes() / 8),
                TimeUnit.NANOSECONDS.toMillis(documents.time().nanos()));
    }

    private void dropParked(long nowNanos, long maxMillis) {
        if (state.hasParked()) {
            hasDropped |= state.dropParkedBefore(TimeUnit.NANOSECONDS.toMillis(nowNanos) - maxMillis);
        }
    }

    /** Answers what a client has asked for last, when it has read most of what it had asked for before. */
    private void answer(Participant participant) throws MalformedUpdateException {
        byte[] asked = participant.asked;
        if (asked == null) {
            return;
        }
        if (!participant.client().mayBeAnswered()) {
            hasPostponed = true;
            return;
        }
        participant.asked = null;
        participant.client().answer(participant.wire().answer(state.diff(asked), state.stateVector()));
    }

    private void answerPostponed() {
        if (!hasPostponed) {
            return;
        }
        hasPostponed = false;
        for (Participant participant : participants) {
            try {
                answer(participant);
            } catch (MalformedUpdateException e) {
                participant.client().close(participant.wire().malformed(), String.valueOf(e.getMessage()));
            }
        }
    }

    private void greet(Participant participant) {
        List<Frame> frames = participant.wire().greeting(state.stateVector());
        if (!frames.isEmpty()) {
            participant.client().answer(frames);
        }
    }

    /**
     * Tells a client all at once that was dropped because it was slow. One that takes an update that comes back for stored is not told
     * before its own are.
     */
    private void bringUpToDate(Participant participant) {
        if (!participants.contains(participant) || !participant.isBehind() || participant.unconfirmed > 0) {
            return;
        }
        byte[] known = participant.stateVector;
        participant.isUpToDate();
        announcements.introduce(participant);
        try {
            byte[] lacking = known == null ? state.encode() : state.diff(known);
            Wire wire = participant.wire();
            participant.client().answer(List.of(wire.tell(lacking), wire.aware(announcements.encode())));
        } catch (MalformedUpdateException e) {
            throw new AssertionError("a state vector of our own", e);
        }
    }

    /** Tells everybody what is new; but those who contributed to it hear of their own part only when it is stored. */
    private void tellAll(Contributions contributions, long nowNanos) {
        Set<Long> aware = announcements.takeNews();
        byte[] who = aware.isEmpty() ? null : announcements.encode(aware);
        boolean allStored = saving.isComplete();
        Announcement all = new Announcement(contributions.news(), who);
        Announcement updateOnly = new Announcement(contributions.news(), null);
        if (!all.isEmpty() && participants.size() >= MIN_RESTING_PARTICIPANTS) {
            restUntilNanos = nowNanos + Math.min(MAX_REST_NANOS, REST_NANOS_A_PARTICIPANT * participants.size());
        }
        for (Participant participant : participants) {
            if (participant.isBehind()) {
                continue;
            }
            boolean isIntroduced = participant.awareness().isIntroduced;
            Announcement told = isIntroduced ? all : updateOnly;
            if (!allStored && contributions.isFrom(participant)) {
                told = new Announcement(contributions.newsOfOthers(participant), isIntroduced ? who : null);
            }
            Batch batch = told.batch(participant.wire());
            if (batch != null) {
                participant.client().send(batch);
            }
        }
        contributions.forEach((participant, contribution) -> confirm(participant, contribution, allStored));
    }

    private void confirm(Participant participant, Contributions.Contribution contribution, boolean isStored) {
        Wire wire = participant.wire();
        if (!wire.confirmsByTelling()) {
            List<Frame> frames =
                    contribution.updates().stream().map(wire::stored).toList();
            saving.whenStored(() -> participant.client().answer(frames));
            return;
        }
        byte[] update = isStored ? contribution.known() : contribution.all();
        if (update == null) {
            return; // it has just been told
        }
        participant.unconfirmed++;
        saving.whenStored(() -> {
            participant.unconfirmed--;
            if (participant.isBehind()) {
                bringUpToDate(participant);
            } else {
                send(participant, wire.stored(update));
            }
        });
    }

    private Documents.Stored stored() {
        return new Documents.Stored(state.stateVectorWithout(saving.unsaved()), saving.isComplete(), saving.failure());
    }

    /** Returns how many have this open; for any thread. */
    int openCount() {
        return openCount;
    }

    /** Returns whether this may be put away, after storing it in a shorter form if need be; called in the run. */
    boolean mayRest(long nowNanos) {
        if (!saving.isComplete()) {
            return false;
        }
        dropParked(nowNanos, MAX_DESERTED_PARKED_MILLIS);
        boolean hadDropped = hasDropped;
        hasDropped = false;
        return !saving.fold(state, hadDropped, nowNanos);
    }

    /** Returns what {@link Documents#grow} was told of in all; called in the run. */
    long countedBytes() {
        return countedBytes;
    }

    private static void send(Participant participant, Frame frame) {
        participant.client().send(frame);
    }
}
