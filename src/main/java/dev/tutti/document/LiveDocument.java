package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Mailbox;
import dev.tutti.yjs.Allowance;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.UpdateIds;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A document that somebody has open: its state, who has it open, and what of it is not stored.
 *
 * <p>A {@link Mailbox} hands it what happens: a <b>run</b> applies updates in their order, and at its end what was new in them goes to
 * everybody as one update. The first run is that which finds the document loaded; until then, what happens waits.
 *
 * <p>If an update fails half-way because of our own fault, the state cannot be trusted: everybody is closed with 1013, what was accepted is
 * stored, and who comes back finds the document loaded anew.
 */
final class LiveDocument implements Mailbox.Owner<LiveDocument.Event> {
    private static final Logger LOG = System.getLogger(LiveDocument.class.getName());

    /** What so few members are told in so few bytes is told by the thread that hears it. */
    private static final int MAX_INLINE_PARTICIPANTS = 8;

    private static final String NOT_LOADED = "the document cannot be loaded";
    private static final String FAILED = "the document failed";

    private static final int MAX_INLINE_BYTES = 4 * 1024;

    /**
     * Telling a member costs some 8 µs, so a document that is told to all no more often than this takes at most a fifth of a processor,
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

    /** What happens to a document. */
    sealed interface Event {
        /** Returns the bytes that it keeps while it waits. */
        default int bytes() {
            return 0;
        }
    }

    private record Opened(DocumentMember member) implements Event {}

    private record Received(DocumentMember member, DocumentRequest request, int bytes) implements Event {}

    private record CaughtUp(DocumentMember member) implements Event {}

    private record Left(DocumentMember member) implements Event {}

    private record Asked(CompletableFuture<Documents.Stored> answer) implements Event {}

    /** There is something to look at: a write has ended, or time has passed. */
    private enum Wake implements Event {
        WRITTEN,
        TICK,
        /** Other servers may have written rows that are not known here. */
        ROWS_MISSED
    }

    private final Documents documents;
    private final String name;
    private final Mailbox<Event> mailbox;

    /** What was loaded, until the first run has read it. */
    private volatile @Nullable List<StoredUpdate> loaded;

    // Confined to the run.
    private YDocument state = new YDocument(DocumentLimits.DEFAULT);
    private final Set<DocumentMember> members = new LinkedHashSet<>();
    private final DocumentAwareness awareness = new DocumentAwareness();
    private final SyncReplies replies;
    private final Persistence persistence;
    /** What other servers have stored, until everybody here is told. */
    private final List<byte[]> found = new ArrayList<>(0);

    /** How many have opened this. */
    private long contributors;

    /** More is stored than the state has, because what was parked for too long was dropped. */
    private boolean hasDropped;

    private ReceivedUpdates received = new ReceivedUpdates();
    private long nowNanos;
    /** How many have left since {@link Documents#release} was told. */
    private int left;

    private final Reservations memory;
    /** Whose part of the memory was taken for what was loaded. */
    private Budget.Quota opener;
    /** It is not live any more. */
    private boolean isAway;

    /** The state cannot be trusted. */
    private boolean isBroken;

    // Written by the run alone.
    /** The clock has something to do. */
    private volatile boolean isDue;

    private volatile int openCount;

    /** Before this, there is no run. */
    private volatile long restUntilNanos;

    /** How many have this open, or are on their way in; guarded by the map of documents. */
    int references;

    /** Nobody had this open when the run before this one ended, but it was not stored; confined to the run. */
    boolean isDeserted;

    LiveDocument(Documents documents, String name) {
        this.documents = documents;
        this.name = name;
        this.restUntilNanos = documents.time().nanos();
        this.memory = new Reservations(documents.budget(), Budget.Share.DOCUMENTS);
        this.opener = documents.budget().quota("");
        this.replies = new SyncReplies(documents.budget(), awareness);
        this.persistence =
                new Persistence(documents.budget(), documents.store(), name, this::merge, () -> add(Wake.WRITTEN));
        this.mailbox = new Mailbox<>(
                "document " + name,
                this,
                this::runLater,
                documents.time(),
                documents.budget(),
                documents.limits().maxRoomQueuedBytes());
        mailbox.pause();
    }

    String name() {
        return name;
    }

    /** Begins with what the store has, which an address has asked for. Its memory is reserved before the store reads it. */
    void load(Budget.Quota quota) {
        opener = quota;
        beginWith(documents.store().load(name, bytes -> reserve(bytes, quota)));
    }

    /** Begins with rows that come. */
    void beginWith(CompletionStage<List<StoredUpdate>> rows) {
        rows.whenComplete((stored, failure) -> {
            if (failure == null) {
                loaded = stored;
                mailbox.schedule();
            } else if (StoreException.causeOf(failure) instanceof LoadRefusedException) {
                turnAllAway(LimitBreach.MEMORY.reason());
            } else {
                cannotLoad(failure);
            }
        });
    }

    /** Reserves so many bytes in all. */
    private boolean reserve(long bytes, Budget.Quota quota) {
        return bytes <= memory.bytes() || memory.tryAdd(quota, bytes - memory.bytes());
    }

    private void cannotLoad(Throwable failure) {
        Faults.report(LOG, "document " + name + " cannot be loaded", failure);
        turnAllAway(NOT_LOADED);
    }

    /** Turns everybody away, now and for as long as they come. */
    private void turnAllAway(String reason) {
        memory.clear();
        isAway = true;
        documents.failed(this);
        mailbox.close().forEach(event -> turnAway(event, reason));
    }

    private static void turnAway(Event event, String reason) {
        if (event instanceof Opened opened) {
            opened.member.turnAway(reason);
        } else if (event instanceof Asked asked) {
            asked.answer.completeExceptionally(new StoreException(reason));
        }
    }

    void open(DocumentMember member) {
        addOrTurnAway(new Opened(member));
    }

    /** Says how far the document is stored, and leaves it. */
    void ask(CompletableFuture<Documents.Stored> answer) {
        addOrTurnAway(new Asked(answer));
    }

    private void addOrTurnAway(Event event) {
        if (!add(event)) {
            turnAway(event, NOT_LOADED);
        }
    }

    void receive(DocumentMember member, DocumentRequest request, int bytes) {
        Mailbox.Offer offer = mailbox.offer(new Received(member, request, bytes));
        if (offer == Mailbox.Offer.REFUSED) {
            member.client().closeFor(LimitBreach.ROOM_QUEUE);
        } else if (offer == Mailbox.Offer.WAKE) {
            if (bytes <= MAX_INLINE_BYTES && openCount <= MAX_INLINE_PARTICIPANTS && waitNanos() <= 0) {
                mailbox.run(); // quicker than to wake somebody
            } else {
                mailbox.schedule();
            }
        }
    }

    void catchUp(DocumentMember member) {
        add(new CaughtUp(member));
    }

    void leave(DocumentMember member) {
        add(new Left(member));
    }

    /** Has the rows read that other servers may have written; for any thread. */
    void readAgain() {
        add(Wake.ROWS_MISSED);
    }

    void tick() {
        if (isDue) {
            add(Wake.TICK);
        }
    }

    /** Returns false if the document could not be loaded. */
    private boolean add(Event event) {
        Mailbox.Offer offer = mailbox.offer(event);
        if (offer == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
        return offer != Mailbox.Offer.REFUSED;
    }

    private void runLater(Runnable run) {
        long wait = waitNanos();
        if (wait <= 0) {
            documents.executor().execute(run);
        } else {
            documents.timer().schedule(() -> documents.executor().execute(run), wait);
        }
    }

    /** Returns how long the next run has to wait, so that a large document takes only its share of a processor. */
    private long waitNanos() {
        return restUntilNanos - documents.time().nanos();
    }

    @Override
    public int bytesOf(Event event) {
        return event.bytes();
    }

    @Override
    public void beginRun() {
        nowNanos = documents.time().nanos();
        List<StoredUpdate> stored = loaded;
        if (stored != null) {
            begin(stored);
        }
        replies.beginRun(members, state);
        persistence.check(nowNanos);
    }

    private void begin(List<StoredUpdate> stored) {
        loaded = null;
        try {
            state = YDocument.decode(
                    stored.stream().map(StoredUpdate::update).toList(), DocumentLimits.DEFAULT, millis(nowNanos));
            long more = state.memoryBytes() - memory.bytes();
            if (more <= 0 || memory.tryAdd(opener, more)) {
                persistence.begin(stored);
            } else {
                state = new YDocument(DocumentLimits.DEFAULT);
                turnAllAway(LimitBreach.MEMORY.reason());
            }
        } catch (MalformedUpdateException | RuntimeException | Error e) {
            cannotLoad(e);
        }
    }

    /** Takes an update that another server has stored. Returns false if that cannot be; then its row stays as it is. */
    private boolean merge(byte[] update) {
        try {
            state.apply(update).ifPresent(found::add);
            replies.changed();
            return true;
        } catch (MalformedUpdateException | LimitExceededException e) {
            LOG.log(Level.ERROR, "another server stored what document " + name + " cannot take", e);
            return false;
        } catch (RuntimeException | Error e) {
            fail(e);
            return false;
        }
    }

    @Override
    public void handle(Event event) {
        if (event instanceof Received received) {
            receive(received.member, received.request);
        } else if (event instanceof Opened opening) {
            open(opening);
        } else if (event instanceof CaughtUp caughtUp) {
            caughtUp.member.hasCaughtUp();
            serve(caughtUp.member);
        } else if (event instanceof Left leaver) {
            left++;
            replies.forget(leaver.member);
            if (members.remove(leaver.member)) {
                awareness.leave(leaver.member, nowNanos);
            }
        } else if (event instanceof Asked asked) {
            left++;
            asked.answer.complete(stored());
        } else if (event == Wake.TICK) {
            dropParked(MAX_PARKED_MILLIS);
            awareness.tick(nowNanos);
            replies.tick(state, nowNanos);
        } else if (event == Wake.ROWS_MISSED) {
            persistence.readAgain();
        }
    }

    private void open(Opened event) {
        if (isBroken) {
            turnAway(event, FAILED);
            return;
        }
        event.member.contributor = ++contributors;
        members.add(event.member);
        awareness.open(event.member, nowNanos);
        serve(event.member);
    }

    /** Ends a run. Whatever fails, nobody who has left is forgotten, and the clock comes back for the rest. */
    @Override
    public void endRun() {
        isDue = true;
        try {
            persistence.write(state, nowNanos);
            found.forEach(received::addFound);
            found.clear();
            tellAll();
        } catch (RuntimeException | Error e) {
            fail(e); // somebody may not have been told
        }
        received = new ReceivedUpdates();
        openCount = members.size();
        if (!isAway) {
            memory.settle(opener, state.memoryBytes());
            documents.countStore();
        }
        documents.release(this, left, nowNanos);
        left = 0;
        isDue = awareness.isDue() || persistence.isDue() || replies.isDue() || state.hasParked();
    }

    /** Closes everybody, who then come back and find the document loaded anew. */
    private void fail(Throwable failure) {
        isBroken = true;
        persistence.appendOnly();
        Faults.report(LOG, "document " + name + " failed and is loaded anew", failure);
        for (DocumentMember member : members) {
            member.client().close(CloseCode.TRY_LATER, FAILED);
        }
    }

    private void receive(DocumentMember member, DocumentRequest request) {
        if (isBroken || !members.contains(member)) {
            return; // it left
        }
        try {
            if (request instanceof DocumentRequest.Update update) {
                take(member, update.update());
            } else if (request instanceof DocumentRequest.AwarenessUpdate change) {
                List<Long> outdated = awareness.receive(member, change.update(), nowNanos);
                if (!outdated.isEmpty()) {
                    member.client().send(member.protocol().awareness(awareness.encode(outdated)));
                }
            } else if (request instanceof DocumentRequest.Sync sync) {
                member.asked = sync.stateVector();
                serve(member);
            } else if (request instanceof DocumentRequest.AwarenessQuery) {
                awareness.introduce(member);
                member.client().send(member.protocol().awareness(awareness.encode()));
            } else if (request instanceof DocumentRequest.Confirm confirm && !member.wasIgnored) {
                Frame frame = member.protocol().confirmation(confirm.mark());
                persistence.hold(member.client().quota(), SyncReplies.REPLY_BYTES);
                whenStored(member, () -> replies.reply(member, List.of(frame)));
            }
        } catch (MalformedUpdateException e) {
            member.client().close(member.protocol().malformed(), String.valueOf(e.getMessage()));
        } catch (LimitExceededException e) {
            member.client().closeFor(LimitBreach.DOCUMENT_BYTES);
        }
    }

    private void take(DocumentMember member, byte[] update) throws MalformedUpdateException, LimitExceededException {
        if (member.isReadOnly()) {
            ignore(member, state.contains(update));
            return;
        }
        Budget.Quota quota = member.client().quota();
        if (update.length > quota.roomBytes(Budget.Share.RECEIPTS) && !state.contains(update)) {
            member.client().closeFor(LimitBreach.MEMORY);
            return;
        }
        boolean begins = persistence.isEmpty() && !state.contains(update);
        if (begins && !documents.mayBegin()) {
            member.client().closeFor(LimitBreach.DOCUMENTS);
            return;
        }
        try {
            Optional<byte[]> news = state.apply(update, allowance(member));
            memory.settle(quota, state.memoryBytes());
            if (news.isPresent()) {
                replies.changed();
                persistence.hold(quota, news.get().length);
                persistence.add(news.get());
                if (begins) {
                    documents.addBeginning(1);
                    persistence.whenStored(() -> documents.addBeginning(-1));
                }
            }
            received.add(member, update, news);
            member.contributes = true;
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    /** The document and the client's address may grow; deletes have an eighth more room, because they are what makes room. */
    private Allowance allowance(DocumentMember member) {
        int max = documents.limits().maxDocumentBytes();
        long left = max == 0 ? Long.MAX_VALUE / 2 : max - state.memoryBytes();
        long room = member.client().quota().roomBytes(Budget.Share.DOCUMENTS);
        return new Allowance(
                member.contributor,
                Math.min(left, room),
                Math.min(left + max / 8, room + documents.budget().limitBytes(Budget.Share.DOCUMENTS) / 8),
                millis(nowNanos));
    }

    private void dropParked(long maxMillis) {
        if (state.hasParked()) {
            hasDropped |= state.dropParkedBefore(millis(nowNanos) - maxMillis);
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private void ignore(DocumentMember member, boolean isKnown) {
        member.wasIgnored |= !isKnown;
        Frame ignored = member.protocol().ignored(isKnown);
        if (ignored != null) {
            whenStored(member, () -> replies.reply(member, List.of(ignored)));
        }
    }

    private void serve(DocumentMember member) {
        if (members.contains(member)) {
            replies.serve(member, state, nowNanos);
        }
    }

    /** Tells everybody what is new; but those who contributed to it hear of their own part only when it is stored. */
    private void tellAll() {
        Set<Long> aware = awareness.takeNews();
        byte[] who = aware.isEmpty() ? null : awareness.encode(aware);
        boolean allStored = persistence.isComplete();
        Broadcast all = new Broadcast(received.news(), who);
        Broadcast updateOnly = new Broadcast(received.news(), null);
        if (!all.isEmpty() && members.size() >= MIN_RESTING_PARTICIPANTS) {
            restUntilNanos = nowNanos + Math.min(MAX_REST_NANOS, REST_NANOS_A_PARTICIPANT * members.size());
        }
        for (DocumentMember member : members) {
            if (!member.isBehind()) {
                boolean isIntroduced = member.awareness().isIntroduced;
                Broadcast told = isIntroduced ? all : updateOnly;
                guard(member, () -> tell(member, told, isIntroduced ? who : null, allStored));
            }
        }
        received.forEach((member, contribution) -> {
            member.contributes = false;
            confirm(member, contribution, allStored);
            serve(member);
        });
    }

    private void tell(DocumentMember member, Broadcast all, byte @Nullable [] who, boolean allStored) {
        boolean isPart = !allStored && received.isFrom(member);
        Broadcast told = isPart ? new Broadcast(received.newsOfOthers(member), who) : all;
        Batch batch = told.batch(member.protocol());
        if (batch != null) {
            member.client().send(batch);
        }
    }

    private void confirm(DocumentMember member, ReceivedUpdates.Contribution contribution, boolean isStored) {
        DocumentProtocol protocol = member.protocol();
        if (!protocol.updateIsAcknowledgement()) {
            List<Frame> frames =
                    contribution.updates().stream().map(protocol::stored).toList();
            persistence.hold(member.client().quota(), frames.size() * (long) SyncReplies.REPLY_BYTES);
            whenStored(member, () -> replies.reply(member, frames));
            return;
        }
        if (isStored) { // what was new has just been told
            byte[] known = contribution.known();
            if (known != null) {
                member.client().send(protocol.stored(known));
            }
            return;
        }
        byte[] echo = contribution.small();
        List<UpdateIds> ids = contribution.large();
        persistence.hold(
                member.client().quota(),
                (echo == null ? 0 : echo.length)
                        + ids.stream().mapToLong(UpdateIds::memoryBytes).sum());
        member.unconfirmed++;
        whenStored(member, () -> {
            member.unconfirmed--;
            member.stored.addAll(ids);
            if (echo != null && !member.isBehind()) {
                member.client().send(protocol.stored(echo));
            }
            serve(member);
        });
    }

    private void whenStored(DocumentMember member, Runnable receipt) {
        persistence.whenStored(() -> guard(member, receipt));
    }

    /** Closes a member that cannot be told what it has to be told. */
    private void guard(DocumentMember member, Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, "a member of document " + name + " cannot be told", e);
            member.client().close(CloseCode.TRY_LATER, FAILED);
        }
    }

    private Documents.Stored stored() {
        return new Documents.Stored(
                state.stateVectorWithout(persistence.unsaved()), persistence.isComplete(), persistence.failure());
    }

    /** Returns how many have this open; for any thread. */
    int openCount() {
        return openCount;
    }

    /** Returns whether this may be put away, after storing it in a shorter form if need be; called in the run. */
    boolean mayRest(long nowNanos) {
        if (!persistence.isComplete()) {
            return false;
        }
        dropParked(MAX_DESERTED_PARKED_MILLIS);
        boolean hadDropped = hasDropped;
        hasDropped = false;
        return !persistence.fold(state, hadDropped, nowNanos);
    }

    /** It is not live any more; called in the run. */
    void putAway() {
        isAway = true;
        memory.clear();
    }
}
