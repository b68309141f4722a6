package dev.tutti.hub;

import dev.tutti.security.Identity;
import java.lang.System.Logger;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All clients of a hub: the connected ones, and those that have ended, but whose last send is in flight. It counts them for the limits of
 * connections, and visits them. Safe for any thread.
 */
final class Clients {
    private static final Logger LOG = System.getLogger(Clients.class.getName());

    private final Limits limits;
    private final Executor executor;
    private final TimeSource time;
    private final Set<Client> connected = ConcurrentHashMap.newKeySet();
    /** Clients that have ended, but whose last send is still in flight. */
    private final Set<Client> closing = ConcurrentHashMap.newKeySet();
    /** The number of connected clients of each address; never 0. */
    private final ConcurrentMap<String, Integer> addresses = new ConcurrentHashMap<>();
    /** Grows before rights that may have changed are asked for anew. */
    private final AtomicLong rightsRevision = new AtomicLong();

    /** @param executor runs the sweeps */
    Clients(Limits limits, Executor executor, TimeSource time) {
        this.limits = limits;
        this.executor = executor;
        this.time = time;
    }

    /** Adds a client that has connected. Returns the limit of connections that it exceeds, null for none. */
    @Nullable
    LimitBreach add(Client client) {
        connected.add(client);
        String address = client.address();
        int fromAddress = address.isEmpty() ? 0 : addresses.merge(address, 1, Integer::sum);
        return breach(connected.size(), fromAddress);
    }

    /** Removes a client that has ended; called once for each. */
    void remove(Client client) {
        connected.remove(client);
        addresses.computeIfPresent(client.address(), (address, count) -> count == 1 ? null : count - 1);
    }

    /** Watches the last send of a client that has ended, so that it does not exceed its time limit. */
    void awaitEnd(Client client) {
        closing.add(client);
    }

    /**
     * Returns the limit that more connections would exceed, null for none.
     *
     * @param moreFromAddress those of them that come from {@code address}
     */
    @Nullable
    LimitBreach breach(int more, String address, int moreFromAddress) {
        return breach(connected.size() + more, addresses.getOrDefault(address, 0) + moreFromAddress);
    }

    private @Nullable LimitBreach breach(int connections, int fromAddress) {
        if (limits.maxConnections() != 0 && connections > limits.maxConnections()) {
            return LimitBreach.CONNECTIONS;
        }
        int max = limits.maxConnectionsPerAddress();
        return max != 0 && fromAddress > max ? LimitBreach.CONNECTIONS_PER_ADDRESS : null;
    }

    /** Returns the connected clients, as a view. */
    Collection<Client> connected() {
        return connected;
    }

    /** Returns the clients to which something may be on its way: the connected ones, and those whose last send is in flight. */
    Stream<Client> receiving() {
        return Stream.concat(connected.stream(), closing.stream());
    }

    /** Returns the connected client with an id; null if there is none. */
    @Nullable
    Client get(String id) {
        for (Client client : connected) {
            if (client.id().equals(id)) {
                return client;
            }
        }
        return null;
    }

    /** Returns the bytes of the broadcasts that wait for clients, those of each. Visits all clients. */
    long waitingBytes() {
        return connected.stream()
                .mapToLong(client -> client.outbox().waitingBytes())
                .sum();
    }

    /** Handles a tick of the clock in each client. */
    void tick(long nowNanos) {
        for (Client client : connected) {
            Faults.guard(LOG, "a tick of a client failed", () -> client.tick(nowNanos));
        }
        closing.removeIf(client -> client.expire(nowNanos));
    }

    /**
     * Does something to each client that is connected now and matches, on the hub's executor.
     *
     * @param action returns null if it is done, else a stage that completes when it is
     * @return the number of those clients; completes when all is done
     */
    CompletionStage<Integer> sweep(Predicate<Client> which, Function<Client, @Nullable CompletionStage<?>> action) {
        Sweep sweep = new Sweep(connected.iterator(), which, action, executor, time);
        executor.execute(sweep);
        return sweep.count();
    }

    /** Takes the rights of all clients anew that have an identity that matches; otherwise as {@link #sweep}. */
    CompletionStage<Integer> reauthorize(Predicate<Identity> who) {
        rightsRevision.incrementAndGet();
        return sweep(client -> client.hasIdentity(who), Client::reauthorize);
    }

    /** Returns a number that is another one whenever rights may have changed. */
    long rightsRevision() {
        return rightsRevision.get();
    }
}
