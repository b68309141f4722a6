package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Protocol;
import org.jspecify.annotations.Nullable;

/** The deliveries of a run, summed up so that metrics are called a few times for a run, and not for each member. Confined to that run. */
final class RunDeliveries {
    private final DocumentMetrics metrics;

    private long frames;
    private long bytes;
    /** The protocol of {@link #updates}: members of one protocol mostly follow each other. */
    private @Nullable Protocol protocol;

    private long updates;

    RunDeliveries(DocumentMetrics metrics) {
        this.metrics = metrics;
    }

    /** Adds a batch that was handed to a client. */
    void add(Protocol to, Batch batch, boolean hasUpdate) {
        frames += batch.size();
        bytes += batch.bytes();
        if (hasUpdate) {
            if (to != protocol) {
                reportUpdates();
                protocol = to;
            }
            updates++;
        }
    }

    /** Reports the sums, and begins with zero again. */
    void report() {
        reportUpdates();
        if (frames > 0) {
            metrics.sent(frames, bytes);
            frames = 0;
            bytes = 0;
        }
    }

    private void reportUpdates() {
        if (protocol != null && updates > 0) {
            metrics.delivered(protocol, updates);
        }
        updates = 0;
    }
}
