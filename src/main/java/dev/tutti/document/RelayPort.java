package dev.tutti.document;

import dev.tutti.log.LogSubject;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way of one live document to its copies on other servers: posts their messages to the document's mailbox, and sends those of its run. Safe for
 * any thread.
 */
final class RelayPort implements DocumentRelay.Receiver {
    private static final Logger LOG = System.getLogger(RelayPort.class.getName());

    /** A load waits so long for the channel; a later one makes the document read its rows again. */
    private static final long OPEN_NANOS = 1_000_000_000L;

    /** Time between two greetings, which find copies that have missed each other's earlier ones. */
    private static final long GREETING_NANOS = 30_000_000_000L;

    /** The time until a run is due, if none is. */
    private static final long NEVER_NANOS = Long.MAX_VALUE / 2;

    private final LiveDocuments documents;
    private final DocumentRelay relay;
    private final String name;
    private final long origin;
    private final byte[] greeting;
    private final Predicate<DocumentEvent> post;
    /** Completes when the channel receives, or nobody waits for it any more. */
    private final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();

    private volatile DocumentRelay.@Nullable Channel channel;
    /** A message did not fit into the mailbox. */
    private volatile boolean hasMissed;

    private volatile long runDueNanos;
    /** Confined to the clock. */
    private long greetingDueNanos;

    /** @param post adds an event to the mailbox; returns false if it does not fit */
    RelayPort(LiveDocuments documents, DocumentRelay relay, String name, Predicate<DocumentEvent> post) {
        this.documents = documents;
        this.relay = relay;
        this.name = name;
        this.post = post;
        this.origin = relay.newOrigin();
        this.greeting = new RelayMessage.Hello(origin).encode();
        long nowNanos = documents.time().nanos();
        this.runDueNanos = nowNanos + NEVER_NANOS;
        this.greetingDueNanos = nowNanos + jitter(GREETING_NANOS);
    }

    /** Begins to receive. The stage completes when that is certain, or takes too long; it does not fail. */
    CompletionStage<@Nullable Void> open() {
        DocumentRelay.Channel receiving = relay.open(name, greeting, this);
        channel = receiving;
        if (receiving.isConnected()) {
            documents.timer().schedule(() -> opened.complete(null), OPEN_NANOS);
        } else {
            opened.complete(null);
        }
        return opened;
    }

    /** Begins to receive although the document is loaded already, unless it does. Called in a run. */
    void openLate() {
        if (channel == null) {
            opened.complete(null);
            channel = relay.open(name, greeting, this);
        }
    }

    @Override
    public void connected() {
        if (!opened.complete(null)) {
            var unused = post.test(DocumentEvent.Signal.RELAY_CONNECTED); // refused only after the end
        }
    }

    @Override
    public void received(byte[] message) {
        RelayMessage decoded;
        try {
            decoded = RelayMessage.decode(message);
        } catch (MalformedUpdateException e) {
            if (documents.isFirstRelayFault()) {
                LogSubject.document(name)
                        .log(
                                LOG,
                                Level.WARNING,
                                "a message of another server is not understood, such as one of another version: it "
                                        + e.getMessage(),
                                null);
            }
            return;
        }
        if (decoded.origin() != origin && !post.test(new DocumentEvent.Relayed(decoded))) {
            hasMissed = true;
        }
    }

    /** Returns the number by which other servers know this copy. */
    long origin() {
        return origin;
    }

    boolean isConnected() {
        DocumentRelay.Channel receiving = channel;
        return receiving != null && receiving.isConnected();
    }

    /** Sends a message; see {@link DocumentRelay.Channel#send}. */
    CompletionStage<Long> send(RelayMessage message) {
        DocumentRelay.Channel open = channel;
        return open == null
                ? CompletableFuture.failedFuture(new IllegalStateException("not open"))
                : open.send(message.encode());
    }

    /** A message of the run was sent: the next one may follow. */
    void sent() {
        var unused = post.test(DocumentEvent.Signal.RELAY_SENT); // refused only after the end
    }

    /** Counts changes of another server that did not arrive: the copy asks for them. */
    void gapFound() {
        documents.metrics().gapFound();
    }

    /** Returns a part of a time which depends on the copy, so that not all copies act at once. */
    long jitter(long nanos) {
        return Math.floorMod(origin * 0x9E3779B97F4A7C15L, nanos);
    }

    /** Sets when the clock must ask for a run even if nothing happens. */
    void setRunDue(long nanos) {
        runDueNanos = nanos;
    }

    /** Sets that the clock need not ask for a run. */
    void setNoRunDue(long nowNanos) {
        runDueNanos = nowNanos + NEVER_NANOS;
    }

    /** Handles a tick of the clock; returns whether a run is due. */
    boolean tick(long nowNanos) {
        DocumentRelay.Channel open = channel;
        if (open == null) {
            return false;
        }
        if (hasMissed) {
            hasMissed = !post.test(DocumentEvent.Signal.RELAY_CONNECTED);
        }
        if (nowNanos - greetingDueNanos >= 0) {
            greetingDueNanos = nowNanos + GREETING_NANOS + jitter(GREETING_NANOS / 4);
            var unused = open.send(greeting);
        }
        return nowNanos - runDueNanos >= 0;
    }

    /**
     * Tells the other servers that the document is unloaded, and receives nothing any more.
     *
     * @param last number of the last change
     */
    void close(long last) {
        DocumentRelay.Channel open = channel;
        if (open != null) {
            channel = null;
            var unused = open.send(new RelayMessage.Bye(origin, last).encode());
            open.close();
        }
    }
}
