package dev.tutti.hub;

/**
 * The signs of life of one peer, and the ping that asks a silent one for another. {@link #recordActivity} may be called from any thread, {@link
 * #isDead} belongs to the clock.
 *
 * <p>The time to answer begins when the transport has handed the ping over, not when it was asked to: a ping that waits for its turn
 * must not count against a healthy peer.
 */
final class Heartbeat implements Runnable {
    private final TimeSource time;

    /** When the peer last gave a sign of life. */
    private volatile long heardAtNanos;

    /** The ping was handed over, at {@link #handedOverAtNanos}. */
    private volatile boolean handedOver;

    // Confined to the clock, or written before handedOver.
    private long handedOverAtNanos;
    private boolean asked;
    /** The last sign of life before the ping: any other one is its answer, even one that comes before the handover is reported. */
    private long heardBeforePingNanos;

    Heartbeat(TimeSource time) {
        this.time = time;
        this.heardAtNanos = time.nanos();
    }

    /** The peer gave a sign of life. */
    void recordActivity(long nowNanos) {
        heardAtNanos = nowNanos;
    }

    /**
     * Pings a peer that has been silent for a time, and returns whether it had the time to answer and did not.
     *
     * @param pingNanos of silence after which it is pinged; 0 for never
     * @param pongNanos that it has to answer
     */
    boolean isDead(long nowNanos, Outbox outbox, long pingNanos, long pongNanos) {
        long heard = heardAtNanos;
        if (pingNanos == 0 || nowNanos - heard < pingNanos) {
            return false;
        }
        if (asked && !handedOver) {
            return false;
        }
        if (asked && heard == heardBeforePingNanos) {
            return nowNanos - handedOverAtNanos >= pongNanos;
        }
        heardBeforePingNanos = heard;
        handedOver = false;
        asked = outbox.ping(this);
        return false;
    }

    /** The ping was handed over; called once for each. */
    @Override
    public void run() {
        handedOverAtNanos = time.nanos();
        handedOver = true;
    }
}
