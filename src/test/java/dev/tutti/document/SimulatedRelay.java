package dev.tutti.document;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * A model of the channels between servers: each server receives the messages in the order in which they were sent, but for those that are lost. Confined
 * to the executor's thread.
 */
public final class SimulatedRelay {
    private final Executor executor;
    private final BooleanSupplier loses;
    private final List<Server> servers = new ArrayList<>();
    private long lastOrigin;
    private int sent;

    /** @param loses is asked for each message and receiver whether the message is lost */
    public SimulatedRelay(Executor executor, BooleanSupplier loses) {
        this.executor = executor;
        this.loses = loses;
    }

    /** Returns the relay of a new server. */
    public Server newServer() {
        Server server = new Server();
        servers.add(server);
        return server;
    }

    /** Returns the number of messages that were sent, greetings included. */
    int sent() {
        return sent;
    }

    /** The relay of one server. */
    public final class Server implements DocumentRelay {
        private final Map<String, Subscriber> subscribers = new HashMap<>();
        private final Deque<Runnable> arriving = new ArrayDeque<>();
        private boolean isConnected = true;

        private final class Subscriber implements Channel {
            private final String document;
            private final byte[] greeting;
            private final Receiver receiver;

            Subscriber(String document, byte[] greeting, Receiver receiver) {
                this.document = document;
                this.greeting = greeting;
                this.receiver = receiver;
            }

            @Override
            public boolean isConnected() {
                return isConnected;
            }

            @Override
            public CompletionStage<Long> send(byte[] message) {
                return Server.this.send(document, message);
            }

            @Override
            public void close() {
                subscribers.remove(document, this);
            }
        }

        /** Ends the connection: what arrives is lost. */
        public void disconnect() {
            isConnected = false;
            arriving.clear();
        }

        /** The server has died. */
        public void kill() {
            disconnect();
            subscribers.clear();
            servers.remove(this);
        }

        /** Connects again. */
        public void connect() {
            if (!isConnected) {
                isConnected = true;
                List.copyOf(subscribers.values()).forEach(this::greet);
            }
        }

        @Override
        public long newOrigin() {
            return ++lastOrigin;
        }

        @Override
        public Channel open(String document, byte[] greeting, Receiver receiver) {
            Subscriber subscriber = new Subscriber(document, greeting, receiver);
            subscribers.put(document, subscriber);
            if (isConnected) {
                greet(subscriber);
            }
            return subscriber;
        }

        private void greet(Subscriber subscriber) {
            var unused = subscriber.send(subscriber.greeting).thenRun(subscriber.receiver::connected);
        }

        @Override
        public CompletionStage<Long> send(String document, byte[] message) {
            if (!isConnected) {
                return CompletableFuture.failedFuture(new IllegalStateException("away"));
            }
            sent++;
            long count = 0;
            for (Server server : servers) {
                if (server.isConnected && server.subscribers.containsKey(document)) {
                    count++;
                    if (!loses.getAsBoolean()) {
                        server.arrive(() -> server.receive(document, message));
                    }
                }
            }
            CompletableFuture<Long> answer = new CompletableFuture<>();
            long receivers = count;
            arrive(() -> answer.complete(receivers));
            return answer;
        }

        private void arrive(Runnable message) {
            arriving.add(message);
            executor.execute(() -> {
                Runnable next = arriving.poll(); // null if the connection has ended
                if (next != null) {
                    next.run();
                }
            });
        }

        private void receive(String document, byte[] message) {
            Subscriber subscriber = subscribers.get(document);
            if (subscriber != null) {
                subscriber.receiver.received(message);
            }
        }
    }
}
