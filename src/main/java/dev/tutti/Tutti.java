package dev.tutti;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.document.StoreException;
import dev.tutti.endpoint.Closings;
import dev.tutti.endpoint.Services;
import dev.tutti.endpoint.SessionRegistry;
import dev.tutti.endpoint.SessionTransport;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.Observation;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomListener;
import dev.tutti.hub.RoomName;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.JsonText;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.security.Permissions;
import dev.tutti.store.Backups;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import jakarta.websocket.Session;
import java.lang.System.Logger;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The running application: a hub and its threads, and what other code of the same WAR can do with it. There is one for each class
 * loader, because containers make endpoints themselves and these must find it. Safe for any thread.
 *
 * <pre>{@code
 * Tutti.current().publish("orders", new OrderPlaced(42));
 * Tutti.current().observe("chat", publication -> archive(publication.from(), publication.data()));
 * Tutti.current().members("chat").forEach(member -> log(member.user()));
 * }</pre>
 */
public final class Tutti {
    private static final Logger LOG = System.getLogger(Tutti.class.getName());

    /** How many connections may be waiting for their close frame to be written before other closes have to wait, a second at most each. */
    private static final int CLOSING_THREADS = 32;

    /** How many pings may be written at once; each takes no time, but where a peer has filled its connection to the last byte. */
    private static final int PINGING_THREADS = 8;

    /** How many listeners of the application may take their time before others have to wait. */
    private static final int OBSERVING_THREADS = 8;

    private static final int TICK_MILLIS = 500;

    /** How long a stop waits for what is being stored: nothing if the store works, in vain if it does not. */
    private static final int STORE_MILLIS = 5_000;

    private static final int NAME_BITS = 41;

    /** How long threads may take to end: longer than idle ones need, shorter than one that waits for a peer. */
    private static final int THREADS_MILLIS = 200;

    private static volatile @Nullable Tutti current;

    /** All that may still run. */
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    private final Hub hub;
    private final Documents documents;
    private final HocuspocusConnections hocuspocus;
    private final @Nullable Backups backups;
    private final ExecutorService rooms;
    private final ThreadPoolExecutor closing;
    private final ThreadPoolExecutor pinging;
    private final Closings closings;
    private final ThreadPoolExecutor observers;
    private final ScheduledExecutorService clock;

    private Tutti(Limits limits, DocumentStore store, @Nullable Backups backups) {
        this.backups = backups;
        int processors = Runtime.getRuntime().availableProcessors();
        rooms = pool(processors, "tutti-room-");
        closing = pool(CLOSING_THREADS, "tutti-close-");
        closing.allowCoreThreadTimeOut(true);
        closings = new Closings(closing);
        pinging = pool(PINGING_THREADS, "tutti-ping-");
        pinging.allowCoreThreadTimeOut(true);
        observers = pool(OBSERVING_THREADS, "tutti-observer-");
        observers.allowCoreThreadTimeOut(true);
        clock = new ScheduledThreadPoolExecutor(1, threads("tutti-clock-"), new ThreadPoolExecutor.DiscardPolicy());
        hub = new Hub(limits, uniqueName(), rooms, processors, TimeSource.SYSTEM);
        documents = new Documents(limits, hub.budget(), store, rooms, TimeSource.SYSTEM, this::later);
        hocuspocus = new HocuspocusConnections(documents, limits, TimeSource.SYSTEM);
        var unused = clock.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Starts the application on Jakarta's API alone, as containers give it.
     *
     * @param kept where documents are kept
     * @throws IllegalStateException if it runs already
     * @throws StoreException if documents cannot be kept there; the message says why
     */
    public static Tutti start(Limits limits, StoreOptions kept) {
        return startWith(
                limits, kept, tutti -> session -> new SessionTransport(session, tutti.pinging, tutti.closings));
    }

    /** As above, on something that makes transports in its own way. */
    public static Tutti start(Limits limits, StoreOptions kept, Function<Session, Transport> transports) {
        return startWith(limits, kept, tutti -> transports);
    }

    private static synchronized Tutti startWith(
            Limits limits, StoreOptions kept, Function<Tutti, Function<Session, Transport>> transports) {
        if (current != null) {
            throw new IllegalStateException("Tutti runs already in this class loader");
        }
        DocumentStore store = DocumentStores.open(kept);
        Tutti started = new Tutti(limits, store, Backups.startIfAsked(store, kept));
        SessionRegistry.serve(new Services(
                started.hub, started.documents, started.hocuspocus, Permissions.ALLOW_ALL, transports.apply(started)));
        current = started;
        return started;
    }

    /**
     * Returns the running application.
     *
     * @throws IllegalStateException if none runs: it was not started, or it was stopped
     */
    public static Tutti current() {
        Tutti running = current;
        if (running == null) {
            throw new IllegalStateException("Tutti does not run");
        }
        return running;
    }

    /**
     * Says something to everybody in a room, in the name of the application: a string reaches plain clients, too.
     *
     * @param room as {@link RoomName#isValid} wants it
     * @param data what JSON-B can write: a string, number, map, list, record, bean …
     * @return the position of what was said
     * @throws IllegalArgumentException if no room can have this name
     * @throws jakarta.json.bind.JsonbException if JSON-B cannot write {@code data}
     * @throws dev.tutti.hub.LimitException if the room is overloaded, or would be one too many
     */
    public Position publish(String room, @Nullable Object data) {
        return hub.publish(valid(room), JsonText.of(data), null);
    }

    /**
     * Says something unless the application said it under this key before, as far as the room remembers; else as above.
     *
     * @param key what tells this publication from all others of the application
     */
    public Position publish(String room, @Nullable Object data, String key) {
        return hub.publish(valid(room), JsonText.of(data), key);
    }

    /**
     * Listens to a room until the observation is closed; the room need not have anybody in it.
     *
     * @throws IllegalArgumentException if no room can have this name
     * @throws dev.tutti.hub.LimitException if it would be one room too many
     */
    public Observation observe(String room, RoomListener listener) {
        return hub.observe(valid(room), listener, observers);
    }

    /**
     * Returns who is in a room now, however many they are.
     *
     * @throws IllegalArgumentException if no room can have this name
     */
    public List<Member> members(String room) {
        return hub.members(valid(room));
    }

    private static String valid(String room) {
        if (!RoomName.isValid(room)) {
            throw new IllegalArgumentException("not a room name: " + room);
        }
        return room;
    }

    /** Returns the documents that somebody has open. */
    public Documents documents() {
        return documents;
    }

    /** Returns the connections of Hocuspocus's provider. */
    public HocuspocusConnections hocuspocus() {
        return hocuspocus;
    }

    /** Returns the closes of sessions that have not returned. */
    public Closings closings() {
        return closings;
    }

    /** Returns everybody who is connected. */
    public Hub hub() {
        return hub;
    }

    /**
     * Closes all clients with 1001 and ends the threads; waits up to {@code millis} for the close frames to be written, and some seconds
     * for documents to be stored. Only the first call counts.
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
        clock.shutdownNow();
        closing.shutdownNow();
        pinging.shutdownNow();
        observers.shutdownNow();
        rooms.shutdownNow();
        awaitThreads();
    }

    /** A container calls a thread a leak that is only about to end, as it is when its pool has terminated. */
    private void awaitThreads() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(THREADS_MILLIS);
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
        }
    }

    /** Returns a name that no other hub has, of 8 characters: it is part of every id. */
    private static String uniqueName() {
        return new BigInteger(NAME_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
    }

    /** Returns a pool that forgets what comes after its end: then nobody is there to miss it. */
    private ThreadPoolExecutor pool(int size, String prefix) {
        return new ThreadPoolExecutor(
                size,
                size,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                threads(prefix),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    private void later(Runnable task, long delayNanos) {
        var unused = clock.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        tick(hub::tick);
        tick(documents::tick);
        tick(hocuspocus::tick);
    }

    private static void tick(Runnable tick) {
        try {
            tick.run();
        } catch (RuntimeException | Error e) { // would end the clock
            Faults.report(LOG, "a tick of the clock failed", e);
        }
    }

    private ThreadFactory threads(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            threads.removeIf(other -> other.getState() == Thread.State.TERMINATED);
            threads.add(thread);
            return thread;
        };
    }
}
