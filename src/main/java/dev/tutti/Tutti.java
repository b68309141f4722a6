package dev.tutti;

import dev.tutti.cluster.ClusterOptions;
import dev.tutti.document.StoreException;
import dev.tutti.event.TuttiListener;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.Observation;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomListener;
import dev.tutti.hub.RoomName;
import dev.tutti.hub.Transport;
import dev.tutti.metrics.Meters;
import dev.tutti.protocol.JsonText;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.store.StoreOptions;
import jakarta.websocket.Session;
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
 * <p>Methods about connections and users act on all servers of a cluster. Their stages fail with {@link
 * dev.tutti.security.UnavailableException} if another server cannot be reached, or does not confirm in time; on this server they are carried out
 * all the same.
 *
 * <p>A room is named by 1 to 128 letters, marks and digits of any script and {@code . _ - ~ : @} ({@link RoomName#isValid}).
 */
public final class Tutti {
    private static volatile @Nullable Tutti current;

    private final Parts parts;
    private final TuttiDocuments documents;

    private Tutti(Parts parts) {
        this.parts = parts;
        this.documents =
                new ApplicationDocuments(parts.documents(), parts.threads().observers());
    }

    /**
     * Starts the application in a container, on Jakarta's API alone.
     *
     * @param gate identifies users
     * @param permissions of each user; the application itself may do everything
     * @param options where documents are stored
     * @param cluster with which servers this one shares its rooms
     * @throws IllegalStateException if it runs already
     * @throws StoreException if documents cannot be stored there; the message says why
     */
    public static Tutti start(
            Limits limits, Gate gate, Permissions permissions, StoreOptions options, ClusterOptions cluster) {
        // some containers do not know the newer code for a restart
        return startWith(limits, gate, permissions, options, cluster, CloseCode.GOING_AWAY, Parts::containerTransports);
    }

    /**
     * Starts the application on another server; else as {@link #start(Limits, Gate, Permissions, StoreOptions, ClusterOptions)}.
     *
     * @param transports returns the transport of a session that has just been opened, on the thread that opens it
     */
    public static Tutti start(
            Limits limits,
            Gate gate,
            Permissions permissions,
            StoreOptions options,
            ClusterOptions cluster,
            Function<Session, Transport> transports) {
        return startWith(limits, gate, permissions, options, cluster, CloseCode.SERVICE_RESTART, parts -> transports);
    }

    private static synchronized Tutti startWith(
            Limits limits,
            Gate gate,
            Permissions permissions,
            StoreOptions options,
            ClusterOptions cluster,
            CloseCode drainCode,
            Function<Parts, Function<Session, Transport>> transports) {
        if (current != null) {
            throw new IllegalStateException("Tutti runs already in this class loader");
        }
        List<TuttiListener> found = ApplicationServices.byServiceLoader(TuttiListener.class);
        Parts parts = Parts.start(limits, gate, permissions, options, cluster, drainCode);
        parts.serve(transports.apply(parts));
        Tutti started = new Tutti(parts);
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
        return parts.hub().publish(valid(room), JsonText.of(data), null);
    }

    /**
     * Publishes in a room, unless the room's history holds a publication of the application with the same key; else as {@link
     * #publish(String, Object)}.
     *
     * @param key identifies the publication among those of the application
     * @return the position of the publication, or of the earlier one
     */
    public CompletionStage<Position> publish(String room, @Nullable Object data, String key) {
        return parts.hub().publish(valid(room), JsonText.of(data), key);
    }

    /**
     * Calls a listener for each later event of a room, until the observation is closed. The room need not have members.
     * Does not block.
     *
     * @throws IllegalArgumentException if no room can have this name
     * @throws dev.tutti.hub.LimitException if there are too many rooms
     */
    public Observation observe(String room, RoomListener listener) {
        return parts.hub().observe(valid(room), listener, parts.threads().observers());
    }

    /**
     * Calls a listener for all later events of clients, rooms and documents, until it is removed or the application stops. Nothing happens if it has
     * been added already. Does not block.
     */
    public void addListener(TuttiListener listener) {
        parts.listeners().add(listener);
    }

    /** Removes a listener: it is not called for events that still wait. */
    public void removeListener(TuttiListener listener) {
        parts.listeners().remove(listener);
    }

    /**
     * Returns the members of a room, however many they are; empty for a room that does not exist. Does not block.
     *
     * <p>With several servers, these are the members on all servers, if a client of this server is in the room or somebody observes it here; in a room that
     * is too large to list, those of this server.
     *
     * @throws IllegalArgumentException if no room can have this name
     */
    public List<Member> members(String room) {
        return parts.hub().members(valid(room));
    }

    /**
     * Subscribes all connections of a user to a room, on all servers, whose clients learn it, as far as the user may read the room and no limit is exceeded; not those of
     * plain clients. Does not block.
     *
     * @return the number of connections that were subscribed; they receive all later publications
     * @throws IllegalArgumentException if no room can have this name, or the name of the user is empty
     */
    public CompletionStage<Integer> subscribe(String user, String room) {
        return parts.administration().subscribe(user, valid(room));
    }

    /** Unsubscribes all connections of a user from a room, also those that have joined it themselves; otherwise as {@link #subscribe}. */
    public CompletionStage<Integer> unsubscribe(String user, String room) {
        return parts.administration().unsubscribe(user, valid(room));
    }

    /** Returns the Yjs documents. */
    public TuttiDocuments documents() {
        return documents;
    }

    /**
     * Closes all connections of a user with 4403, after which clients do not come back by themselves; the user may. Does not block.
     *
     * @param user as the container, a token or a guest's secret names the user
     * @return the number of connections; completes when the user receives nothing more
     * @throws IllegalArgumentException if the name is empty
     */
    public CompletionStage<Integer> disconnect(String user) {
        return parts.administration().disconnect(user);
    }

    /**
     * Closes one connection with 4403.
     *
     * @param client its id, as in {@link Member#client}
     * @return false if there is none
     */
    public CompletionStage<Boolean> disconnectClient(String client) {
        return parts.administration().disconnectClient(client);
    }

    /**
     * Revokes a user's tokens that were issued before a time (claim {@code iat}), and those that do not tell when: closes their connections with
     * 4401, after which clients fetch a new token, and refuses them from now on. Does not block.
     *
     * @return the number of connections; completes when their rights have ended
     * @throws IllegalArgumentException if the name is empty or has more than 256 characters, or the time is more than ten minutes from now
     */
    public CompletionStage<Integer> revoke(String user, Instant issuedBefore) {
        return parts.administration().revoke(user, issuedBefore);
    }

    /**
     * Revokes one token; otherwise as {@link #revoke}.
     *
     * @param jti the id of the token, of 1 to 256 characters
     */
    public CompletionStage<Integer> revokeToken(String jti) {
        return parts.administration().revokeToken(jti);
    }

    /**
     * Asks the permissions anew for all connections of a user, because their decisions have changed: ends the joins and documents that they no longer allow, and tells the
     * clients. Does not block.
     *
     * @return the number of connections; completes when their lost rights have ended
     * @throws IllegalArgumentException if the name is empty
     */
    public CompletionStage<Integer> reauthorize(String user) {
        return parts.administration().reauthorize(user);
    }

    private static String valid(String room) {
        if (!RoomName.isValid(room)) {
            throw new IllegalArgumentException("not a room name: " + room);
        }
        return room;
    }

    /**
     * Returns the meters. {@link Meters#addTo} adds them to a registry of the application:
     *
     * <pre>{@code
     * Tutti.current().meters().addTo(Metrics.globalRegistry);
     * }</pre>
     */
    public Meters meters() {
        return parts.meters();
    }

    /** Returns the parts, for the code that serves them: a servlet context or the standalone server. */
    public Parts parts() {
        return parts;
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
        parts.stop(millis);
    }
}
