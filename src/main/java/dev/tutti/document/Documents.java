package dev.tutti.document;

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
import java.util.stream.Stream;
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

    /** Sorts after all names with a dot first, which are the server's own, and before all other names that follow them. */
    private static final String LAST_RESERVED = ".\uffff";

    /**
     * How far a document is stored.
     *
     * @param incarnation of the document: 0 before its first deletion, another one after each
     * @param stateVector of the stored structs, as Yjs encodes it; it does not cover deletes
     * @param isComplete whether all received updates are stored, including deletes
     * @param failure the reason why the store fails, for people; null if it works
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    public record Stored(
            long incarnation,
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
    private final Trash trash;
    private final Versions versions;

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
        VersionStore versionStore = new VersionStore(live);
        trash = new Trash(live, versionStore);
        versions = new Versions(live, versionStore);
    }

    /**
     * Opens a document for a client, which receives its first frame once the document is loaded.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param readOnly whether the client asks for a document that ignores its updates, even if it may write
     * @param copied the incarnation of the client's copy, which is refused if the document has another one; {@link DocumentMember#NO_COPY} for none
     * @throws dev.tutti.security.ForbiddenException if this user may not open the document; then nothing happens
     * @throws dev.tutti.hub.LimitException if this user has too many open; then nothing happens
     * @throws dev.tutti.security.UnavailableException if that is not known; then nothing happens
     */
    public DocumentMember open(String name, Client client, DocumentProtocol protocol, boolean readOnly, long copied) {
        return open(name, client, client.access(), protocol, readOnly, copied);
    }

    /** As above, with an access for this document alone, and without an incarnation: a client may have a token for each document. */
    public DocumentMember open(String name, Client client, Access access, DocumentProtocol protocol, boolean readOnly) {
        return open(name, client, access, protocol, readOnly, DocumentMember.NO_COPY);
    }

    private DocumentMember open(
            String name, Client client, Access access, DocumentProtocol protocol, boolean readOnly, long copied) {
        long revision = client.rightsRevision();
        Rights rights = access.onDocument(name);
        rights.require(Action.READ);
        UserUsage usage = client.usage().ofUser();
        if (usage != null) {
            usage.addDocument();
        }
        LiveDocument document = live.acquire(name, client.usage().quota());
        DocumentMember member =
                new DocumentMember(document, client, protocol, readOnly, copied, access, rights, revision);
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
        return apply(name, update, null, address);
    }

    /**
     * As above, by a user.
     *
     * @param user the name, which the next {@link Version} has among its writers; null if the application itself has made the update
     */
    public CompletionStage<Void> apply(String name, byte[] update, @Nullable String user, String address) {
        Budget.Quota quota = live.budget().quota(address);
        CompletableFuture<Void> stored = new CompletableFuture<>();
        var unused = stored.whenComplete((done, failure) -> quota.close());
        live.acquire(name, quota).submit(new UpdateSubmission(update, user, quota, stored));
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
        return live.store().list(prefix, after, max).thenCompose(stored -> {
            List<Listed> found = listed(stored);
            if (found.size() == max || stored.size() < max) {
                return CompletableFuture.completedFuture(found);
            }
            String last = stored.get(max - 1).name();
            return list(prefix, last.startsWith(".") ? LAST_RESERVED : last, max - found.size())
                    .thenApply(rest -> joined(found, rest));
        });
    }

    private List<Listed> listed(List<StoredDocument> stored) {
        return stored.stream()
                .filter(one -> RoomName.isValid(one.name()))
                .map(one -> new Listed(one.name(), one.bytes(), one.changedMillis(), live.memberCount(one.name())))
                .toList();
    }

    private static List<Listed> joined(List<Listed> first, List<Listed> rest) {
        return Stream.concat(first.stream(), rest.stream()).toList();
    }

    /**
     * Moves a document that no client has open, on any server, to the trash. A client that opens it meanwhile finds it empty; on another server it
     * is closed first. Does not block.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @return fails with a {@link StoreException} if the store cannot, and with a {@link dev.tutti.security.UnavailableException} if other
     *     servers cannot be asked
     */
    public CompletionStage<Deletion> delete(String name) {
        return trash.add(name);
    }

    /** Returns the deleted documents. */
    public Trash trash() {
        return trash;
    }

    /** Returns the versions of documents. */
    public Versions versions() {
        return versions;
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
        trash.tick();
        versions.tick();
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
