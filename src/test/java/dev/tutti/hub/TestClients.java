package dev.tutti.hub;

/** Joins and publishes without replies. Stateless. */
final class TestClients {
    private TestClients() {}

    /** Joins a room; nothing happens if the client is in it or has ended. */
    static void join(Client client, String room) {
        client.memberships().join(room, null, null, null);
    }

    /** Publishes to a room; nothing happens if the client is not in it. */
    static void publish(Client client, String room, String data) {
        Subscription subscription = client.memberships().get(room);
        if (subscription != null) {
            subscription.publishUnacknowledged(data);
        }
    }
}
