package dev.tutti.document;

import dev.tutti.event.Event;
import dev.tutti.event.Events;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.Limits;
import dev.tutti.hub.RoomName;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import dev.tutti.hub.UserUsage;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Rights;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All documents: the <i>live</i> ones, which clients have open, and those in the store. Safe for any thread; the application calls {@link
 * #tick} about once a second.
 *
 * <p>A document is live until its last client has closed it and all of it is stored, so a load always finds the whole document.
 */
public final class Documents {
    /**
     * Time that awareness states outlive a broken connection. A stock client reconnects within 2.5 seconds and keeps its clock; others would
     * not see it for up to 15 seconds if its states had been removed.
     */
    static final long GRACE_NANOS = 4_000_000_000L;

    /**
     * How far a document is stored.
     *
     * @param stateVector of the stored structs, as Yjs encodes it; it does not cover deletes
     * @param isComplete whether all received updates are stored, including deletes
     * @param failure the reason why the store fails, for people; null if it works
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    public record Stored(
            byte[] stateVector,
            boolean isComplete,
            @Nullable String failure) {}

    /**
     * A document in a list.
     *
     * @param bytes in the store
     * @param changedMillis time of the last stored update, in milliseconds since 1970
     * @param openCount number of clients that have it open
     */
    public record Listed(String name, long bytes, long changedMillis, int openCount) {}

    /**
     * A document in memory.
     *
     * @param clients that have it open
     * @param bytes of memory that it takes
     * @param changesPerMinute changes in the last seconds, for a minute; those of one run count once
     */
    public record Open(String name, int clients, long bytes, long changesPerMinute) {}

    /** The result of {@link #delete}. */
    public enum Deletion {
        DELETED,
        /** There is no such document. */
        UNKNOWN,
        /** A client has it open, or it is not unloaded yet. */
        OPEN
    }

    private final LiveDocuments live;

    /** As below, without listeners, metrics and other servers. */
    public Documents(
            Limits limits, Budget budget, DocumentStore store, Executor executor, TimeSource time, Timer timer) {
        this(limits, budget, store, executor, time, timer, new Events(), DocumentMetrics.NONE, null);
    }

    /**
     * Has no live document yet.
     *
     * @param budget bounds the memory of documents
     * @param executor runs documents; must not run a task inside {@code execute}
     * @param timer delays runs
     * @param events receive the events of each document
     * @param relay to the other servers that use the same store; null if there are none
     */
    public Documents(
            Limits limits,
            Budget budget,
            DocumentStore store,
            Executor executor,
            TimeSource time,
            Timer timer,
            Events events,
            DocumentMetrics metrics,
            @Nullable DocumentRelay relay) {
        live = new LiveDocuments(limits, budget, store, executor, time, timer, events, metrics, relay);
    }

    /**
     * Opens a document for a client, which receives its first frame once the document is loaded.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param readOnly whether the client asks for a document that ignores its updates, even if it may write
     * @throws dev.tutti.security.ForbiddenException if this user may not open the document; then nothing happens
     * @throws dev.tutti.hub.LimitException if this user has too many open; then nothing happens
     * @throws dev.tutti.security.UnavailableException if that is not known; then nothing happens
     */
    public DocumentMember open(String name, Client client, DocumentProtocol protocol, boolean readOnly) {
        return open(name, client, client.access(), protocol, readOnly);
    }

    /** As above, with an access for this document alone: a client may have a token for each. */
    public DocumentMember open(String name, Client client, Access access, DocumentProtocol protocol, boolean readOnly) {
        long revision = client.rightsRevision();
        Rights rights = access.onDocument(name);
        rights.require(Action.READ);
        UserUsage usage = client.usage().ofUser();
        if (usage != null) {
            usage.addDocument();
        }
        LiveDocument document = live.acquire(name, client.usage().quota());
        DocumentMember member = new DocumentMember(document, client, protocol, readOnly, access, rights, revision);
        member.grant();
        document.open(member);
        return member;
    }

    /**
     * Returns how far a document is stored; loads it if it is not live. Does not block.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @return fails with a {@link StoreException} if it cannot be loaded
     */
    public CompletionStage<Stored> stored(String name) {
        CompletableFuture<Stored> status = new CompletableFuture<>();
        live.acquire(name, live.budget().quota("")).requestStatus(status);
        return status;
    }

    /**
     * Returns the content of a document as an update, stored or not; loads the document if it is not live. Does not block.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param stateVector of the caller's document, as Yjs encodes it; {@code {0}} for nothing
     * @return fails with a {@link StoreException} if it cannot be loaded or there is no memory for it, and with an {@code
     *     IllegalArgumentException} for a malformed state vector
     */
    public CompletionStage<byte[]> content(String name, byte[] stateVector) {
        CompletableFuture<byte[]> content = new CompletableFuture<>();
        live.acquire(name, live.budget().quota("")).requestContent(stateVector, content);
        return content;
    }

    /**
     * Applies an update to a document, which its members receive at once; loads the document if it is not live. Does not block.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param update as Yjs encodes it; the caller does not change it any more
     * @param address that is charged for the update until it is stored, and for the growth of the document; empty for none
     * @return completes when the update is stored; fails with an {@code IllegalArgumentException} if it is malformed, a {@link
     *     dev.tutti.hub.LimitException} if it exceeds a limit, and a {@link StoreException} if the document cannot be loaded or stored now. After the
     *     last one the update may be stored later; applied again, it changes nothing
     */
    public CompletionStage<Void> apply(String name, byte[] update, String address) {
        Budget.Quota quota = live.budget().quota(address);
        CompletableFuture<Void> stored = new CompletableFuture<>();
        var unused = stored.whenComplete((done, failure) -> quota.close());
        live.acquire(name, quota).submit(new UpdateSubmission(update, quota, stored));
        return stored;
    }

    /**
     * Lists stored documents in the order of their names. Does not block.
     *
     * @param prefix of their names; empty for all
     * @param after the name before the first result; empty to begin with the first document
     * @param max number of results
     */
    public CompletionStage<List<Listed>> list(String prefix, String after, int max) {
        return live.store()
                .list(prefix, after, max + 1)
                .thenApply(stored -> stored.stream()
                        .filter(one ->
                                RoomName.isValid(one.name())) // not the probe of a store, which a crash may leave
                        .limit(max)
                        .map(one ->
                                new Listed(one.name(), one.bytes(), one.changedMillis(), live.memberCount(one.name())))
                        .toList());
    }

    /**
     * Deletes a document that no client has open, on any server. A client that opens it meanwhile finds it empty; on another server it is closed
     * first. Does not block.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @return fails with a {@link StoreException} if the store cannot, and with a {@link dev.tutti.security.UnavailableException} if other
     *     servers cannot be asked
     */
    public CompletionStage<Deletion> delete(String name) {
        DocumentRelay relay = live.relay();
        if (relay == null) {
            return deleteHere(name);
        }
        return LiveDocuments.countCopies(name, relay).thenCompose(count -> {
            if (count > 0) {
                return CompletableFuture.completedFuture(Deletion.OPEN);
            }
            return deleteHere(name).thenApply(deletion -> {
                if (deletion == Deletion.DELETED) {
                    var unused = relay.send(name, new RelayMessage.Deleted(relay.newOrigin()).encode());
                }
                return deletion;
            });
        });
    }

    private CompletionStage<Deletion> deleteHere(String name) {
        LiveDocument deleted = live.addUnlessLive(name);
        if (deleted == null) {
            return CompletableFuture.completedFuture(Deletion.OPEN);
        }
        CompletionStage<Boolean> deletion = live.store().delete(name);
        deleted.beginWith(deletion.thenApply(existed -> {
            notifyIfDeleted(name, existed);
            return List.of();
        }));
        deleted.endReference(); // so the document is unloaded if no client opens it
        return deletion.thenApply(existed -> existed ? Deletion.DELETED : Deletion.UNKNOWN);
    }

    /** Called before the document is opened again, so that the events are in order. */
    private void notifyIfDeleted(String name, boolean existed) {
        if (existed && live.events().areWanted()) {
            live.events().post(new Event.DocumentDeleted(live.time().millis(), name));
        }
    }

    /** Returns the number of live documents. */
    public int count() {
        return live.count();
    }

    /** Calls an action for each live document, as it was at the end of its last run. */
    public void forEachOpen(Consumer<Open> action) {
        live.forEach(document -> action.accept(document.usage()));
    }

    /** Handles a tick of the clock in each live document. */
    public void tick() {
        live.tick();
    }

    /**
     * Waits until no document is live, that is, all clients have left and all is stored, but no longer than {@code millis}; then closes the
     * store. The caller has closed the clients.
     */
    public void close(long millis) throws InterruptedException {
        live.awaitNone(millis);
        live.store().close();
    }

    /** Returns the limits of documents. */
    public Limits limits() {
        return live.limits();
    }
}
