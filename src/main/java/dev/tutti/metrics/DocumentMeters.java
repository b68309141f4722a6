package dev.tutti.metrics;

import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.DocumentStore;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Protocol;
import dev.tutti.statistics.Totals;
import java.util.concurrent.atomic.LongAdder;

/** Counts updates of documents, and the commits of their store. Safe for any thread. */
final class DocumentMeters implements DocumentMetrics {
    private final Metrics traffic;
    private final Histogram updates;
    private final Histogram acknowledgements;
    private final Histogram runs;
    private final Histogram commits;
    private final Histogram committed;
    private final LongAdder commitCount = new LongAdder();
    private final LongAdder failures;
    private final LongAdder gaps;

    /**
     * Registers the meters.
     *
     * @param traffic counts deliveries and frames
     * @param store the kind of the store
     */
    DocumentMeters(Counts counts, Metrics traffic, String store) {
        this.traffic = traffic;
        updates = counts.durations(
                "document.update.duration",
                "Time from accepting an update to handing it to clients and store; longest of each run");
        acknowledgements = counts.durations(
                "document.ack.duration",
                "Time from applying an update to its acknowledgement; longest of each write",
                "store",
                store);
        runs = counts.runs("document");
        commits = counts.durations("store.commit.duration", "Time of a commit", "store", store);
        committed = counts.sizes("store.commit.updates", "Changes in a commit");
        failures = counts.counter("store.failures", "Failed commits");
        gaps = counts.counter("document.gaps", "Times changes of another server were missing, and asked for");
    }

    /** Returns the counts of a store. */
    Totals.Store totals(DocumentStore store) {
        return new Totals.Store(store.kind(), store.lagBytes(), commitCount.sum(), failures.sum());
    }

    @Override
    public void delivered(Protocol protocol, long items) {
        traffic.delivered(protocol, items);
    }

    @Override
    public void sent(long frames, long bytes) {
        traffic.sent(frames, bytes);
    }

    @Override
    public void updateTook(long nanos) {
        updates.record(nanos);
    }

    @Override
    public void acknowledgementTook(long nanos) {
        acknowledgements.record(nanos);
    }

    @Override
    public void runTook(long nanos) {
        runs.record(nanos);
    }

    @Override
    public void gapFound() {
        gaps.increment();
    }

    @Override
    public void committed(int changes, long nanos) {
        commitCount.increment();
        commits.record(nanos);
        committed.record(changes);
    }

    @Override
    public void commitFailed() {
        failures.increment();
    }
}
