package dev.tutti.hub;

/**
 * The last sign of life of one peer, and the ping that requests another. {@link #recordActivity} is safe for any thread, {@link #isDead}
 * belongs to the clock.
 *
 * <p>The time to answer begins when the transport has handed the ping over, not at the call: a ping that waits for a thread must not
 * count against a healthy peer.
 */
final class Heartbeat implements Runnable {
    private final TimeSource time;

    /** The time of the last sign of life. */
    private volatile long activeAtNanos;

    /** The ping was handed over, at {@link #handedOverAtNanos}. */
    private volatile boolean handedOver;

    // Confined to the clock, or written before handedOver.
    private long handedOverAtNanos;
    private boolean pinged;
    /** The last sign of life before the ping: any other is its answer, even one that arrives before the handover is reported. */
    private long activeBeforePingNanos;

    Heartbeat(TimeSource time) {
        this.time = time;
        this.activeAtNanos = time.nanos();
    }

    /** Records a sign of life. */
    void recordActivity(long nowNanos) {
        activeAtNanos = nowNanos;
    }

    /** Pings a peer that was silent for {@link Limits#pingNanos}, and returns whether it has not answered within {@link Limits#pongNanos}. */
    boolean isDead(long nowNanos, Outbox outbox, Limits limits, Protocol protocol) {
        long activeAt = activeAtNanos;
        long pingNanos = limits.pingNanos(protocol.receivesPresence());
        if (pingNanos == 0 || nowNanos - activeAt < pingNanos) {
            return false;
        }
        if (pinged && !handedOver) {
            return false;
        }
        if (pinged && activeAt == activeBeforePingNanos) {
            return nowNanos - handedOverAtNanos >= limits.pongNanos(protocol.receivesPresence());
        }
        activeBeforePingNanos = activeAt;
        handedOver = false;
        pinged = outbox.ping(this);
        return false;
    }

    /** The transport has handed the ping over; called once for each ping. */
    @Override
    public void run() {
        handedOverAtNanos = time.nanos();
        handedOver = true;
    }
}
