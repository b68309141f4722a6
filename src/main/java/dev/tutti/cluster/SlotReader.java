package dev.tutti.cluster;

import dev.tutti.hub.Timer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Asks nodes of Redis Cluster for the slots, one at a time, in the background. A failure is not repeated by itself. Safe for any thread. */
final class SlotReader {
    /** Time between two reads: news spread among the nodes in about a second. */
    private static final long PAUSE_NANOS = 20_000_000L;

    private final List<NodeAddress> seeds;
    private final Function<NodeAddress, CompletionStage<Slots>> source;
    private final Consumer<Slots> receiver;
    private final Timer timer;
    private final RandomGenerator random;

    // Guarded by this.
    private List<NodeAddress> nodes;
    /** The node to ask next; null: any. */
    private @Nullable NodeAddress next;

    private boolean isReading;
    /** Another read must follow the one that is under way. */
    private boolean isWanted;

    private boolean isClosed;

    private String failure = "not connected yet";

    /**
     * @param seeds at least one
     * @param source asks a node
     */
    SlotReader(
            List<NodeAddress> seeds,
            Function<NodeAddress, CompletionStage<Slots>> source,
            Consumer<Slots> receiver,
            Timer timer,
            RandomGenerator random) {
        this.seeds = List.copyOf(seeds);
        this.source = source;
        this.receiver = receiver;
        this.timer = timer;
        this.random = random;
        this.nodes = this.seeds;
    }

    /** Reads the slots soon, once for all calls until then. */
    void request() {
        synchronized (this) {
            isWanted = true;
            if (isReading || isClosed) {
                return;
            }
            isReading = true;
        }
        timer.schedule(this::read, 0);
    }

    /** As above, from a node that has got a slot: others may not know it yet. */
    void request(NodeAddress owner) {
        synchronized (this) {
            next = owner;
        }
        request();
    }

    /** Reads nothing more. */
    synchronized void close() {
        isClosed = true;
    }

    /** Returns why the last read has failed. */
    synchronized String failure() {
        return failure;
    }

    private void read() {
        NodeAddress asked;
        synchronized (this) {
            isWanted = false;
            if (isClosed) {
                return;
            }
            asked = next == null ? anyNode() : next;
            next = null;
        }
        CompletionStage<Slots> answer;
        try {
            answer = source.apply(asked);
        } catch (RuntimeException e) { // from the client for Redis
            ended(null, e);
            return;
        }
        var unused = answer.whenComplete(this::ended);
    }

    /** Called under this. Seeds, too: all nodes may have other addresses than before. */
    private NodeAddress anyNode() {
        int index = random.nextInt(nodes.size() + seeds.size());
        return index < nodes.size() ? nodes.get(index) : seeds.get(index - nodes.size());
    }

    private void ended(@Nullable Slots slots, @Nullable Throwable thrown) {
        synchronized (this) {
            if (slots == null) {
                failure = ClusterConnection.reason(thrown == null ? new IllegalStateException("no answer") : thrown);
            } else {
                nodes = slots.nodes();
            }
        }
        if (slots != null) {
            receiver.accept(slots);
        }
        synchronized (this) {
            isReading = isWanted && !isClosed;
            if (!isReading) {
                return;
            }
        }
        timer.schedule(this::read, PAUSE_NANOS);
    }
}
