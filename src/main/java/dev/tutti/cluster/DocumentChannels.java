package dev.tutti.cluster;

import dev.tutti.document.DocumentRelay;
import dev.tutti.hub.Mailbox;
import dev.tutti.hub.RoomLogs;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The channels of the documents that this server has open. Safe for any thread; no method blocks.
 *
 * <p>The run of a mailbox owns the subscriptions. It sends a greeting after each subscription on the same connection: when Redis has sent it, the
 * subscription is in effect.
 */
final class DocumentChannels
        implements DocumentRelay, ClusterConnection.Observer, Mailbox.Owner<DocumentChannels.Event> {
    sealed interface Event {}

    private record Connected(Redis redis) implements Event {}

    private record Disconnected() implements Event {}

    private record Opened(Subscriber subscriber) implements Event {}

    private record Closed(Subscriber subscriber) implements Event {}

    /** The largest number of a copy: 53 bits, as all numbers of the messages. */
    private static final long MAX_ORIGIN = (1L << 53) - 1;

    /** A document on this server. */
    private final class Subscriber implements Channel {
        private final String channel;
        private final byte[] greeting;
        private final Receiver receiver;

        Subscriber(String channel, byte[] greeting, Receiver receiver) {
            this.channel = channel;
            this.greeting = greeting;
            this.receiver = receiver;
        }

        @Override
        public CompletionStage<Long> send(byte[] message) {
            return publish(channel, message);
        }

        @Override
        public void close() {
            if (subscribers.remove(channel, this)) { // else the document is open again
                post(new Closed(this));
            }
        }
    }

    private final String prefix;
    private final ClusterConnection connection;
    private final Mailbox<Event> mailbox;
    private final SecureRandom random = new SecureRandom();
    /** By channel. */
    private final ConcurrentMap<String, Subscriber> subscribers = new ConcurrentHashMap<>();

    // Confined to the run.
    private @Nullable Redis redis;
    private final Set<String> subscribed = new HashSet<>();

    DocumentChannels(String prefix, ClusterConnection connection, RoomLogs.Context context) {
        this.prefix = prefix;
        this.connection = connection;
        this.mailbox = new Mailbox<>(
                "the channels of documents", this, context.executor(), context.time(), context.budget(), 0);
    }

    @Override
    public long newOrigin() {
        return random.nextLong(1, MAX_ORIGIN);
    }

    @Override
    public boolean isConnected() {
        return connection.current() != null;
    }

    @Override
    public Channel open(String document, byte[] greeting, Receiver receiver) {
        Subscriber subscriber = new Subscriber(RoomKeys.documentChannel(prefix, document), greeting, receiver);
        subscribers.put(subscriber.channel, subscriber);
        post(new Opened(subscriber));
        return subscriber;
    }

    @Override
    public CompletionStage<Long> send(String document, byte[] message) {
        return publish(RoomKeys.documentChannel(prefix, document), message);
    }

    private CompletionStage<Long> publish(String channel, byte[] message) {
        Redis present = connection.current();
        return present == null ? CompletableFuture.failedFuture(Away.toOthers()) : present.publish(channel, message);
    }

    private void post(Event event) {
        if (mailbox.offer(event) == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
    }

    @Override
    public void connected(Redis opened) {
        post(new Connected(opened));
    }

    @Override
    public void disconnected() {
        post(new Disconnected());
    }

    @Override
    public void received(String channel, byte[] message) {
        Subscriber subscriber = subscribers.get(channel);
        if (subscriber != null) {
            subscriber.receiver.received(message);
        }
    }

    @Override
    public int bytesOf(Event event) {
        return 0;
    }

    @Override
    public void handle(Event event) {
        Redis present = redis;
        if (event instanceof Connected connected) {
            redis = connected.redis;
            subscribed.clear();
            subscribers.values().forEach(subscriber -> subscribe(connected.redis, subscriber));
        } else if (event instanceof Disconnected) {
            redis = null;
        } else if (event instanceof Opened opened && present != null) {
            subscribe(present, opened.subscriber);
        } else if (event instanceof Closed closed && present != null) {
            unsubscribe(present, closed.subscriber.channel);
        }
    }

    private void subscribe(Redis to, Subscriber subscriber) {
        if (subscribers.get(subscriber.channel) != subscriber) {
            return; // it is closed already
        }
        if (subscribed.add(subscriber.channel)) {
            to.subscribe(subscriber.channel);
        }
        var unused = to.publish(subscriber.channel, subscriber.greeting).thenRun(subscriber.receiver::connected);
    }

    private void unsubscribe(Redis from, String channel) {
        if (!subscribers.containsKey(channel) && subscribed.remove(channel)) {
            from.unsubscribe(channel);
        }
    }
}
