package dev.tutti;

import dev.tutti.document.DocumentClients;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.document.StoreException;
import dev.tutti.endpoint.BlockingWriters;
import dev.tutti.endpoint.ContainerTransports;
import dev.tutti.endpoint.PendingCloses;
import dev.tutti.endpoint.Services;
import dev.tutti.endpoint.SessionRegistry;
import dev.tutti.event.TuttiListener;
import dev.tutti.health.Health;
import dev.tutti.hub.Administration;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.Observation;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomListener;
import dev.tutti.hub.RoomName;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.metrics.Meters;
import dev.tutti.protocol.JsonText;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.store.Backups;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import dev.tutti.webhook.WebhookTarget;
import dev.tutti.webhook.Webhooks;
import jakarta.websocket.Session;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The running application, and the Java API for other code of the same WAR. There is one for each class loader, because a container makes
 * the endpoints and these must find it. It runs before the context's listeners are called, and until the context is destroyed. Safe for any
 * thread.
 *
 * <pre>{@code
 * Tutti.current().publish("orders", new OrderPlaced(42));
 * Tutti.current().observe("chat", publication -> archive(publication.from(), publication.data()));
 * Tutti.current().members("chat").forEach(member -> log(member.user()));
 * }</pre>
 *
 * <p>A room is named by 1 to 128 of {@code A–Z a–z 0–9 . _ - ~ : @}, no dot first ({@link RoomName#isValid}).
 */
public final class Tutti {
    private static final int TICK_MILLIS = 500;

    /** How long a stop waits for documents to be stored; a healthy store needs almost none of it. */
    private static final int STORE_MILLIS = 5_000;

    /** How long a stop waits for the receiver of webhooks, and again for the disk. */
    private static final int WEBHOOK_MILLIS = 500;

    /** Bits of a hub's name, which make 8 characters. */
    private static final int NAME_BITS = 41;

    private static volatile @Nullable Tutti current;

    private final Threads threads = new Threads();
    private final Meters meters = new Meters(List.of(
            PlainProtocol.INSTANCE,
            PlainProtocol.OF_ROOM,
            TuttiV1.PROTOCOL,
            DocumentClients.Y_WEBSOCKET,
            DocumentClients.HOCUSPOCUS));
    private final PendingCloses pendingCloses = new PendingCloses(threads.closes());
    private final Hub hub;
    private final Documents documents;
    private final HocuspocusConnections hocuspocus;
    private final Authenticator authenticator;
    private final Administration administration;
    private final Listeners listeners;
    private final Drain drain;
    private final Health health;
    private final @Nullable Backups backups;
    /** Null unless a receiver is set; written once, before the server accepts clients. */
    private volatile @Nullable Webhooks webhooks;

    private Tutti(
            Limits limits,
            Gate gate,
            Permissions permissions,
            DocumentStore store,
            @Nullable Backups backups,
            CloseCode drainCode) {
        this.backups = backups;
        hub = new Hub(limits, uniqueName(), threads.rooms(), threads.roomThreads(), TimeSource.SYSTEM, meters.hub());
        documents = new Documents(
                limits,
                hub.budget(),
                store,
                threads.rooms(),
                TimeSource.SYSTEM,
                threads::schedule,
                hub.events(),
                meters.documents(store));
        meters.read(hub, documents, gate);
        listeners = new Listeners(hub, threads.observers());
        authenticator = new Authenticator(gate, gate.revocations().restrict(permissions));
        administration = new Administration(hub, gate.revocations(), permissions);
        hocuspocus = new HocuspocusConnections(documents, limits, authenticator, TimeSource.SYSTEM);
        drain = new Drain(hub, threads::schedule, drainCode);
        health = new Health(hub, drain, store::probe, TimeSource.SYSTEM, threads::schedule);
        threads.repeat(hub::tick, TICK_MILLIS);
        threads.repeat(documents::tick, TICK_MILLIS);
        threads.repeat(hocuspocus::tick, TICK_MILLIS);
        threads.repeat(health::tick, TICK_MILLIS);
        permissions.start(threads.policies(), threads.rooms());
        threads.repeat(() -> gate.tick(threads.background()), TICK_MILLIS);
        threads.repeat(() -> permissions.tick(threads.background(), administration::reauthorizeAll), TICK_MILLIS);
    }

    /**
     * Starts the application in a container, on Jakarta's API alone.
     *
     * @param gate identifies users
     * @param permissions what each user may do; the application itself may do everything
     * @param options where documents are stored
     * @throws IllegalStateException if it runs already
     * @throws StoreException if documents cannot be stored there; the message says why
     */
    public static Tutti start(Limits limits, Gate gate, Permissions permissions, StoreOptions options) {
        // some containers do not know the newer code for a restart
        return startWith(limits, gate, permissions, options, CloseCode.GOING_AWAY, Tutti::containerTransports);
    }

    private Function<Session, Transport> containerTransports() {
        BlockingWriters writers = new BlockingWriters(threads.writers(), threads.writerThreads(), threads::schedule);
        return new ContainerTransports(threads.pings(), pendingCloses, writers, TimeSource.SYSTEM, new SecureRandom());
    }

    /**
     * Starts the application on another server; else as {@link #start(Limits, Gate, Permissions, StoreOptions)}.
     *
     * @param transports returns the transport of a session that has just been opened, on the thread that opens it
     */
    public static Tutti start(
            Limits limits,
            Gate gate,
            Permissions permissions,
            StoreOptions options,
            Function<Session, Transport> transports) {
        return startWith(limits, gate, permissions, options, CloseCode.SERVICE_RESTART, tutti -> transports);
    }

    private static synchronized Tutti startWith(
            Limits limits,
            Gate gate,
            Permissions permissions,
            StoreOptions options,
            CloseCode drainCode,
            Function<Tutti, Function<Session, Transport>> transports) {
        if (current != null) {
            throw new IllegalStateException("Tutti runs already in this class loader");
        }
        List<TuttiListener> found = ApplicationServices.byServiceLoader(TuttiListener.class);
        DocumentStore store = DocumentStores.open(options);
        Tutti started = new Tutti(limits, gate, permissions, store, Backups.startIfAsked(store, options), drainCode);
        SessionRegistry.serve(new Services(
                started.hub, started.documents, started.hocuspocus, started.authenticator, transports.apply(started)));
        found.forEach(started::addListener);
        current = started;
        return started;
    }

    /**
     * Returns the running application.
     *
     * @throws IllegalStateException if none runs: it has not started, or it has stopped
     */
    public static Tutti current() {
        Tutti running = current;
        if (running == null) {
            throw new IllegalStateException("Tutti does not run");
        }
        return running;
    }

    /**
     * Publishes in a room in the name of the application, whether the room has members or not. All members receive it; plain clients only
     * if {@code data} is a string. Does not block.
     *
     * @param data a value that JSON-B can write: null, a string, number, map, list, record, bean …
     * @return the position of the publication; completes when the room's log has stored it, and fails if the log could not
     * @throws IllegalArgumentException if no room can have this name
     * @throws jakarta.json.bind.JsonbException if JSON-B cannot write {@code data}
     * @throws dev.tutti.hub.LimitException if the room is overloaded, or there are too many rooms; then nothing is published
     */
    public CompletionStage<Position> publish(String room, @Nullable Object data) {
        return hub.publish(valid(room), JsonText.of(data), null);
    }

    /**
     * Publishes in a room, unless the room's history holds a publication of the application with the same key; else as {@link
     * #publish(String, Object)}.
     *
     * @param key identifies the publication among those of the application
     * @return the position of the publication, or of the earlier one
     */
    public CompletionStage<Position> publish(String room, @Nullable Object data, String key) {
        return hub.publish(valid(room), JsonText.of(data), key);
    }

    /**
     * Calls a listener for each later event of a room, until the observation is closed. The room need not have members.
     * Does not block.
     *
     * @throws IllegalArgumentException if no room can have this name
     * @throws dev.tutti.hub.LimitException if there are too many rooms
     */
    public Observation observe(String room, RoomListener listener) {
        return hub.observe(valid(room), listener, threads.observers());
    }

    /**
     * Calls a listener for all later events of clients, rooms and documents, until it is removed or the application stops. Nothing happens if it has
     * been added already. Does not block.
     */
    public void addListener(TuttiListener listener) {
        listeners.add(listener);
    }

    /** Removes a listener: it is not called for events that still wait. */
    public void removeListener(TuttiListener listener) {
        listeners.remove(listener);
    }

    /**
     * Returns the members of a room, however many they are; empty for a room that does not exist. Does not block.
     *
     * @throws IllegalArgumentException if no room can have this name
     */
    public List<Member> members(String room) {
        return hub.members(valid(room));
    }

    /**
     * Closes all connections of a user with 4403, after which clients do not come back by themselves; the user may. Does not block.
     *
     * @param user as the container, a token or a guest's secret names the user
     * @return the number of connections; completes when the user receives nothing more
     * @throws IllegalArgumentException if the name is empty
     */
    public CompletionStage<Integer> disconnect(String user) {
        return administration.disconnect(user);
    }

    /**
     * Closes one connection with 4403.
     *
     * @param client its id, as in {@link Member#client}
     * @return false if there is none
     */
    public boolean disconnectClient(String client) {
        return administration.disconnectClient(client);
    }

    /**
     * Revokes a user's tokens that were issued before a time (claim {@code iat}), and those that do not tell when: closes their connections with
     * 4401, after which clients fetch a new token, and refuses them until this server stops. Does not block.
     *
     * @return the number of connections; completes when their rights have ended
     * @throws IllegalArgumentException if the name is empty or has more than 256 characters, or the time is more than ten minutes from now
     */
    public CompletionStage<Integer> revoke(String user, Instant issuedBefore) {
        return administration.revoke(user, issuedBefore);
    }

    /**
     * Revokes one token; otherwise as {@link #revoke}.
     *
     * @param jti the id of the token, of 1 to 256 characters
     */
    public CompletionStage<Integer> revokeToken(String jti) {
        return administration.revokeToken(jti);
    }

    /**
     * Asks the permissions anew for all connections of a user, because their decisions have changed: ends what they no longer allow, and tells the
     * clients. Does not block.
     *
     * @return the number of connections; completes when their lost rights have ended
     * @throws IllegalArgumentException if the name is empty
     */
    public CompletionStage<Integer> reauthorize(String user) {
        return administration.reauthorize(user);
    }

    private static String valid(String room) {
        if (!RoomName.isValid(room)) {
            throw new IllegalArgumentException("not a room name: " + room);
        }
        return room;
    }

    /**
     * Sends events to a receiver from now on. Called once, before the server accepts clients.
     *
     * @param directory of the documents, which also keeps the events that wait; null to keep them in memory
     */
    public void sendWebhooks(WebhookTarget target, @Nullable Path directory) {
        Webhooks opened =
                Webhooks.open(target, directory, hub, TimeSource.SYSTEM, threads.webhooks(), threads.background());
        webhooks = opened;
        meters.webhooks(opened.counts());
        hub.events().add(opened);
        threads.repeat(opened::tick, TICK_MILLIS);
    }

    /** Returns the events that go to a receiver; null if none is set. */
    public @Nullable Webhooks webhooks() {
        return webhooks;
    }

    /** Returns the rooms and the clients. */
    public Hub hub() {
        return hub;
    }

    /** Returns the part that disconnects users. */
    public Administration administration() {
        return administration;
    }

    /**
     * Returns the meters. {@link Meters#addTo} adds them to a registry of the application:
     *
     * <pre>{@code
     * Tutti.current().meters().addTo(Metrics.globalRegistry);
     * }</pre>
     */
    public Meters meters() {
        return meters;
    }

    /** Returns what moves all clients to another server. */
    public Drain drain() {
        return drain;
    }

    /** Returns whether the server works. */
    public Health health() {
        return health;
    }

    /** Returns the documents. */
    public Documents documents() {
        return documents;
    }

    /** Returns the connections of Hocuspocus's provider. */
    public HocuspocusConnections hocuspocus() {
        return hocuspocus;
    }

    /** Returns what gives connections and requests their access. */
    public Authenticator authenticator() {
        return authenticator;
    }

    /** Returns the closes of sessions that have not returned; empty on the standalone server. */
    public PendingCloses pendingCloses() {
        return pendingCloses;
    }

    /**
     * Closes all clients with 1001, stores the documents and ends the threads. Calls after the first do nothing.
     *
     * @param millis for which it waits at most until the sessions are closed; it may wait some seconds more until documents are stored
     */
    public void stop(long millis) throws InterruptedException {
        synchronized (Tutti.class) {
            if (current != this) {
                return;
            }
            current = null;
        }
        hub.close();
        SessionRegistry.awaitEmpty(millis);
        if (backups != null) {
            backups.close();
        }
        documents.close(STORE_MILLIS);
        Webhooks sending = webhooks;
        if (sending != null) {
            sending.close(WEBHOOK_MILLIS); // after the last events of documents
        }
        authenticator.permissions().stop();
        threads.stop();
        meters.close();
    }

    /** Returns a name that no other hub has: ids and epochs begin with it. */
    private static String uniqueName() {
        return new BigInteger(NAME_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
    }
}
