package dev.tutti.cluster;

import dev.tutti.document.DocumentRelay;
import dev.tutti.hub.Mailbox;
import dev.tutti.hub.RoomLogs;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The channels of the documents that this server has open. Safe for any thread; no method blocks.
 *
 * <p>The run of a mailbox owns the subscriptions. It sends a greeting after each subscription on the same connection: when Redis has sent it, the
 * subscription is in effect.
 */
final class DocumentChannels implements DocumentRelay, Nodes.Observer, Mailbox.Owner<DocumentChannels.Event> {
    sealed interface Event {}

    private record Connected(Redis redis, Set<Integer> parts) implements Event {}

    private record Disconnected(Set<Integer> parts) implements Event {}

    private record Opened(Subscriber subscriber) implements Event {}

    private record Closed(Subscriber subscriber) implements Event {}

    /** The largest number of a copy: 53 bits, as all numbers of the messages. */
    private static final long MAX_ORIGIN = (1L << 53) - 1;

    /** Of all messages that are on their way to Redis, or wait for it. Beyond it a message is not sent: its document finds out that it is lost. */
    static final long MAX_BYTES = 32 << 20;

    /** About the memory of a message beside its bytes. */
    private static final int OVERHEAD_BYTES = 256;

    /** A document on this server. */
    private final class Subscriber implements Channel {
        private final int part;
        private final String channel;
        private final byte[] greeting;
        private final Receiver receiver;

        Subscriber(int part, String channel, byte[] greeting, Receiver receiver) {
            this.part = part;
            this.channel = channel;
            this.greeting = greeting;
            this.receiver = receiver;
        }

        @Override
        public CompletionStage<Long> send(byte[] message) {
            return publish(part, channel, message);
        }

        @Override
        public boolean isConnected() {
            return nodes.of(part) != null;
        }

        @Override
        public void close() {
            if (subscribers.remove(channel, this)) { // else the document is open again
                post(new Closed(this));
            }
        }
    }

    private final String prefix;
    private final Nodes nodes;
    private final Mailbox<Event> mailbox;
    private final SecureRandom random = new SecureRandom();
    /** By channel. */
    private final ConcurrentMap<String, Subscriber> subscribers = new ConcurrentHashMap<>();

    /** Of the messages that are on their way, see {@link #MAX_BYTES}. */
    private final AtomicLong bytes = new AtomicLong();

    /** Confined to the run. */
    private final PartConnections connections;

    DocumentChannels(String prefix, Nodes nodes, RoomLogs.Context context) {
        this.prefix = prefix;
        this.nodes = nodes;
        this.connections = new PartConnections(nodes);
        this.mailbox = new Mailbox<>(
                "the channels of documents", this, context.executor(), context.time(), context.budget(), 0);
    }

    @Override
    public long newOrigin() {
        return random.nextLong(1, MAX_ORIGIN);
    }

    @Override
    public Channel open(String document, byte[] greeting, Receiver receiver) {
        Subscriber subscriber =
                new Subscriber(RoomKeys.part(document), RoomKeys.documentChannel(prefix, document), greeting, receiver);
        subscribers.put(subscriber.channel, subscriber);
        post(new Opened(subscriber));
        return subscriber;
    }

    @Override
    public CompletionStage<Long> send(String document, byte[] message) {
        return publish(RoomKeys.part(document), RoomKeys.documentChannel(prefix, document), message);
    }

    private CompletionStage<Long> publish(int part, String channel, byte[] message) {
        Redis to = nodes.of(part);
        if (to == null) {
            return CompletableFuture.failedFuture(Away.toOthers());
        }
        long more = OVERHEAD_BYTES + (long) message.length;
        if (bytes.addAndGet(more) > MAX_BYTES) {
            bytes.addAndGet(-more);
            return CompletableFuture.failedFuture(Away.toOthers());
        }
        return to.publish(channel, message).whenComplete((receivers, failure) -> bytes.addAndGet(-more));
    }

    private void post(Event event) {
        if (mailbox.offer(event) == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
    }

    @Override
    public void connected(Redis opened, Set<Integer> parts) {
        post(new Connected(opened, parts));
    }

    @Override
    public void disconnected(Set<Integer> parts) {
        post(new Disconnected(parts));
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
        if (event instanceof Connected connected) {
            connections.replace(connected.parts, connected.redis);
            subscribers.values().stream()
                    .filter(subscriber -> connected.parts.contains(subscriber.part))
                    .forEach(this::subscribe);
        } else if (event instanceof Disconnected disconnected) {
            connections.replace(disconnected.parts, null);
        } else if (event instanceof Opened opened) {
            subscribe(opened.subscriber);
        } else if (event instanceof Closed closed) {
            unsubscribe(closed.subscriber);
        }
    }

    private void subscribe(Subscriber subscriber) {
        Redis to = connections.of(subscriber.part);
        if (to == null || subscribers.get(subscriber.channel) != subscriber) {
            return; // there will be a connection, or it is closed already
        }
        connections.subscribe(subscriber.part, subscriber.channel);
        var unused = to.publish(subscriber.channel, subscriber.greeting).thenRun(subscriber.receiver::connected);
    }

    private void unsubscribe(Subscriber subscriber) {
        if (!subscribers.containsKey(subscriber.channel)) {
            connections.unsubscribe(subscriber.part, subscriber.channel);
        }
    }
}
