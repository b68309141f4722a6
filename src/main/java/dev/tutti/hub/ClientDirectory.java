package dev.tutti.hub;

import dev.tutti.security.Way;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The connected clients for callers that administer the server; it asks for no rights. Safe for any thread. */
public final class ClientDirectory {
    private final Collection<Client> clients;
    private final Executor executor;

    ClientDirectory(Collection<Client> clients, Executor executor) {
        this.clients = clients;
        this.executor = executor;
    }

    /**
     * A connection.
     *
     * @param user as other members see it
     * @param address empty if it is unknown
     * @param rooms number of rooms that it is in
     */
    public record Entry(String client, String user, Way way, String address, int rooms) {}

    /**
     * A client that does not keep up.
     *
     * @param endpoint path of its connection, with placeholders
     * @param waitingBytes of broadcasts that wait behind the send in flight
     */
    public record Waiting(String client, String user, String address, String endpoint, long waitingBytes) {}

    /** Calls an action for each client for which broadcasts wait. Visits all clients. */
    public void forEachWaiting(Consumer<Waiting> action) {
        for (Client client : clients) {
            long waiting = client.outbox().waitingBytes();
            if (waiting > 0) {
                action.accept(new Waiting(
                        client.id(),
                        client.user(),
                        client.address(),
                        client.protocol().endpoint(),
                        waiting));
            }
        }
    }

    /**
     * Lists connections in the order of their ids, as strings. It visits all, on the executor of rooms.
     *
     * @param user only those of this user; empty for all
     * @param after the id before the first result; empty to begin with the first
     * @param max number of results
     */
    public CompletionStage<List<Entry>> list(String user, String after, int max) {
        return CompletableFuture.supplyAsync(
                () -> {
                    TreeSet<Client> first = new TreeSet<>(Comparator.comparing(Client::id));
                    for (Client client : clients) {
                        if (client.id().compareTo(after) > 0 && (user.isEmpty() || user.equals(client.user()))) {
                            first.add(client);
                            if (first.size() > max) {
                                first.pollLast();
                            }
                        }
                    }
                    return first.stream().map(ClientDirectory::entry).toList();
                },
                executor);
    }

    private static Entry entry(Client client) {
        return new Entry(
                client.id(),
                client.user(),
                client.access().identity().way(),
                client.address(),
                client.memberships().count());
    }
}
