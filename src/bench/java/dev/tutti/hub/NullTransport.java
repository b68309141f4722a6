package dev.tutti.hub;

import java.util.ArrayDeque;

/** Takes whole batches and discards them. Not thread-safe. */
final class NullTransport implements Transport {
    private final boolean late;
    private final ArrayDeque<Completion> inFlight = new ArrayDeque<>();

    /** Makes a transport that completes sends at once or, if {@code late}, in {@link #complete}. */
    NullTransport(boolean late) {
        this.late = late;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        if (late) {
            inFlight.add(done);
        } else {
            done.done(null);
        }
        return batch.size();
    }

    /** Completes the send in flight; the next one may start inside. */
    void complete() {
        inFlight.remove().done(null);
    }

    @Override
    public void ping(Runnable handedOver) {}

    @Override
    public void close(CloseCode code, String reason) {
        throw new AssertionError("closed: " + reason);
    }
}
