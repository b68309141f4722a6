package dev.tutti.document;

import dev.tutti.document.DocumentEvent.Signal;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Faults;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Mailbox;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A document that is loaded or being loaded: the mailbox in front of a {@link SharedDocument}, and its life from the load to the unload. Safe
 * for any thread.
 *
 * <p>A <b>run</b> handles all events that wait. The first run follows the load; until then events wait.
 */
final class LiveDocument implements Mailbox.Owner<DocumentEvent> {
    private static final Logger LOG = System.getLogger(LiveDocument.class.getName());
    private static final String NOT_LOADED = "the document cannot be loaded";

    private final LiveDocuments documents;
    private final String name;
    private final Mailbox<DocumentEvent> mailbox;
    private final RunPacing pacing;
    /** To the other servers; null if documents are this server's alone. */
    private final @Nullable RelayPort port;

    /** The stored content, from the end of the load to the first run. The load writes it, the first run takes it. */
    private volatile @Nullable StoredContent loaded;

    /** The clock must ask for a run. The run alone writes it. */
    private volatile boolean isDue;

    private final DocumentActivity activity;

    // Confined to the load until it ends, then to the run.
    private final DocumentMemory memory;
    /** The document could not be loaded, or is unloaded. */
    private boolean isUnloaded;

    /** Completed at the end of the first run, or without one if the load fails; null if nothing waits for it. */
    private @Nullable CompletableFuture<Void> firstRun;

    // Confined to the run.
    private final SharedDocument document;
    /** References that have ended and are not released. */
    private int ended;

    /** No reference was left at the end of the last run, but the document could not be unloaded. */
    private boolean isIdle;

    LiveDocument(LiveDocuments documents, String name) {
        this.documents = documents;
        this.name = name;
        this.pacing = new RunPacing(documents.executor(), documents.timer(), documents.time());
        this.activity = new DocumentActivity(documents.time().nanos());
        this.memory = new DocumentMemory(documents.budget());
        DocumentRelay relay = documents.relay();
        this.port = relay == null ? null : new RelayPort(documents, relay, name, this::post);
        this.document = new SharedDocument(documents, name, memory, pacing, port, () -> post(Signal.WRITE_ENDED));
        this.mailbox = new Mailbox<>(
                "document " + name,
                this,
                pacing::execute,
                documents.time(),
                documents.budget(),
                documents.limits().maxRoomQueuedBytes());
        mailbox.pause();
    }

    String name() {
        return name;
    }

    /**
     * Starts the load. Its memory is reserved before the store reads the rows, and charged to the address of {@code opener}. The document listens to
     * other servers before, so it misses nothing that they write meanwhile.
     */
    void load(Budget.Quota opener) {
        memory.setOpener(opener);
        if (port == null) {
            beginWith(read());
        } else {
            beginWith(port.open().thenCompose(opened -> read()));
        }
    }

    /** Loads the document after a change of the store, and ends the caller's reference, as {@link #beginUnopened} does. */
    CompletionStage<Void> loadUnopened(CompletionStage<?> change) {
        return beginUnopened(change.thenCompose(changed -> read()));
    }

    /**
     * Begins with the content of a stage, and ends the caller's reference.
     *
     * @return completes when the document is unloaded again, unless another reference holds it
     */
    CompletionStage<Void> beginUnopened(CompletionStage<StoredContent> content) {
        CompletableFuture<Void> run = new CompletableFuture<>();
        firstRun = run;
        endReference(); // before the first run, which so unloads the document
        beginWith(content);
        return run;
    }

    private void endFirstRun() {
        CompletableFuture<Void> run = firstRun;
        if (run != null) {
            firstRun = null;
            run.complete(null);
        }
    }

    private CompletionStage<StoredContent> read() {
        return StoredContent.read(documents.store(), name, memory::tryReserve);
    }

    private void beginWith(CompletionStage<StoredContent> content) {
        content.whenComplete((stored, failure) -> {
            if (failure == null) {
                loaded = stored;
                mailbox.schedule();
            } else if (StoreException.causeOf(failure) instanceof LoadRefusedException) {
                refuseAll(LimitBreach.MEMORY.reason());
            } else {
                failLoad(failure);
            }
        });
    }

    private void failLoad(Throwable failure) {
        Faults.report(LOG, LogSubject.document(name), "the document cannot be loaded", failure);
        refuseAll(NOT_LOADED);
    }

    /** Ends a document that cannot be loaded: refuses the waiting events and all later ones. */
    private void refuseAll(String reason) {
        memory.clear();
        isUnloaded = true;
        documents.loadFailed(this);
        mailbox.close().forEach(event -> event.refuse(reason));
        closePort();
        endFirstRun();
    }

    /** Adds a member, which holds a reference until {@link #leave}. */
    void open(DocumentMember member) {
        postOrRefuse(new DocumentEvent.Opened(member));
    }

    /** Completes {@code status}, and then ends the caller's reference. */
    void requestStatus(CompletableFuture<Documents.Stored> status) {
        postOrRefuse(new DocumentEvent.StatusRequested(status));
    }

    /** Completes {@code content}, and then ends the caller's reference. */
    void requestContent(byte[] stateVector, CompletableFuture<byte[]> content) {
        postOrRefuse(new DocumentEvent.ContentRequested(stateVector, content));
    }

    /** Completes {@code draft}, and then ends the caller's reference. */
    void requestVersion(Budget.Quota quota, CompletableFuture<VersionDraft> draft) {
        postOrRefuse(new DocumentEvent.VersionRequested(quota, draft));
    }

    /** Applies an update, and then ends the caller's reference. */
    void submit(UpdateSubmission submission) {
        if (!post(new DocumentEvent.Submitted(submission))) {
            submission.fail(new StoreException("the document cannot be loaded, or too much waits for it"));
            endReference();
        }
    }

    /** Ends the caller's reference. */
    void endReference() {
        post(Signal.REFERENCE_ENDED);
    }

    private void postOrRefuse(DocumentEvent event) {
        if (!post(event)) {
            event.refuse(NOT_LOADED);
        }
    }

    /** Takes a member's request; closes its client if too much waits. */
    void receive(DocumentMember member, DocumentRequest request, int bytes) {
        Mailbox.Offer offer = mailbox.offer(new DocumentEvent.Received(member, request, bytes));
        if (offer == Mailbox.Offer.REFUSED) {
            member.client().closeFor(LimitBreach.ROOM_QUEUE);
        } else if (offer == Mailbox.Offer.WAKE) {
            if (pacing.mayRunInline(bytes)) {
                mailbox.run();
            } else {
                mailbox.schedule();
            }
        }
    }

    /** The outbox of a member's client accepts broadcasts again after drops. */
    void resume(DocumentMember member) {
        post(new DocumentEvent.Resumed(member));
    }

    /** Removes a member and ends its reference. */
    void leave(DocumentMember member) {
        post(new DocumentEvent.Left(member));
    }

    /** Reads the rows again, because other servers may have written some. */
    void readAgain() {
        post(Signal.ROWS_MISSED);
    }

    void tick(long nowNanos) {
        activity.tick(nowNanos);
        boolean isPortDue = port != null && port.tick(nowNanos);
        if (isDue || isPortDue) {
            post(Signal.TICK);
        }
    }

    /** Returns how large and how busy the document is. */
    Documents.Open usage() {
        return activity.usage(name, memberCount());
    }

    /** Returns false if the document could not be loaded. */
    private boolean post(DocumentEvent event) {
        Mailbox.Offer offer = mailbox.offer(event);
        if (offer == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
        return offer != Mailbox.Offer.REFUSED;
    }

    /** Returns the number of members at the end of the last run. */
    int memberCount() {
        return pacing.members();
    }

    @Override
    public int bytesOf(DocumentEvent event) {
        return event.bytes();
    }

    @Override
    public void beginRun() {
        long nowNanos = documents.time().nanos();
        StoredContent stored = loaded;
        if (stored != null) {
            loaded = null;
            load(stored, nowNanos);
        }
        document.beginRun(nowNanos);
    }

    private void load(StoredContent stored, long nowNanos) {
        try {
            if (!document.load(stored, nowNanos)) {
                refuseAll(LimitBreach.MEMORY.reason());
            }
        } catch (MalformedUpdateException | RuntimeException | Error e) {
            failLoad(e);
        }
    }

    @Override
    public void handle(DocumentEvent event) {
        ended += event.endsReference() ? 1 : 0;
        if (event instanceof DocumentEvent.Received received) {
            document.receive(received.member(), received.request());
        } else if (event instanceof DocumentEvent.Opened opened) {
            if (port != null) {
                port.openLate(); // after a deletion
            }
            document.add(opened.member());
        } else if (event instanceof DocumentEvent.Resumed resumed) {
            document.resume(resumed.member());
        } else if (event instanceof DocumentEvent.Left left) {
            document.remove(left.member());
        } else if (event instanceof DocumentEvent.Relayed relayed && !isUnloaded) {
            document.receive(relayed.message());
        } else if (event instanceof DocumentEvent.StatusRequested requested) {
            requested.status().complete(document.status());
        } else if (event instanceof DocumentEvent.ContentRequested requested) {
            document.content().encode(requested.stateVector(), requested.content());
        } else if (event instanceof DocumentEvent.VersionRequested requested) {
            document.draft(requested.quota(), requested.draft());
        } else if (event instanceof DocumentEvent.Submitted submitted) {
            document.apply(submitted.submission());
        } else if (event == Signal.TICK) {
            document.tick();
        } else if (event == Signal.ROWS_MISSED) {
            document.readAgain();
        } else if (event == Signal.RELAY_CONNECTED) {
            document.copies().connected(documents.time().nanos());
        }
    }

    /** Ends a run. Even after a failure, ended references are released, and the clock asks for another run. */
    @Override
    public void endRun() {
        isDue = true;
        document.endRun();
        if (!isUnloaded) {
            long bytes = document.content().state().memoryBytes();
            activity.setMemoryBytes(bytes);
            memory.resize(bytes);
            documents.storeUsage().countMemory();
        }
        release();
        isDue = document.isDue();
    }

    @Override
    public void runEnded(long runNanos, long latencyNanos) {
        documents.metrics().runTook(runNanos);
        if (document.hasChanged()) {
            activity.changed();
            documents.metrics().updateTook(latencyNanos);
        }
    }

    /** Releases ended references, and unloads the document if none is left and all is stored. */
    private void release() {
        if (ended == 0 && !isIdle) {
            return;
        }
        isIdle = documents.release(this, ended);
        ended = 0;
        if (isIdle && document.mayUnload() && documents.unload(this)) {
            isIdle = false; // only a late tick may follow
            isUnloaded = true;
            memory.clear();
            closePort();
        }
        endFirstRun();
    }

    private void closePort() {
        if (port != null) {
            port.close(document.copies().last());
        }
    }
}
