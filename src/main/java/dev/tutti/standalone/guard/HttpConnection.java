package dev.tutti.standalone.guard;

import dev.tutti.hub.Budget;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * One connection before it is a WebSocket: how much of a request has come, and by when the rest has to. The reading is confined to
 * the thread that reads the connection; the phase is guarded by this.
 */
final class Exchange implements Deadlines.Timed {
    /** Seconds that a connection may be idle between two requests, or take to read a response. */
    static final int KEEP_ALIVE_SECONDS = 30;

    enum Phase {
        REQUEST,
        /** A handshake is passed on, and not yet answered. */
        HANDSHAKE,
        WEBSOCKET,
        /** The last answer is given: input is dropped. */
        ENDED
    }

    private final TCPNIOConnection connection;
    private final Deadlines deadlines;
    private final Ending ending;
    private final int requestSeconds;
    private final Budget budget;
    /** What is answered to a handshake, because a limit is reached; null if none is. */
    private final @Nullable HttpRefusalException full;

    private volatile long deadlineNanos;
    private volatile Phase phase = Phase.REQUEST;

    /** The head that is being read; null between two requests. */
    private volatile @Nullable HeadReader head;
    /** Memory of the head, as reserved; guarded by this. */
    private long reservedBytes;
    /** What is still to come after a head that was passed on; null if that was all. */
    private @Nullable RequestContent content;
    /** Between two requests, or while one is answered; before the first one, its own time runs already. */
    private boolean idle;
    /** The connection is not counted any more; guarded by this. */
    private boolean forgotten;

    Exchange(
            TCPNIOConnection connection,
            Deadlines deadlines,
            Ending ending,
            int requestSeconds,
            Budget budget,
            @Nullable HttpRefusalException full) {
        this.connection = connection;
        this.deadlines = deadlines;
        this.ending = ending;
        this.requestSeconds = requestSeconds;
        this.budget = budget;
        this.full = full;
        this.deadlineNanos = deadlines.inSeconds(requestSeconds);
        if (requestSeconds != 0) {
            deadlines.add(this);
        }
    }

    Phase phase() {
        return phase;
    }

    @Nullable
    HttpRefusalException full() {
        return full;
    }

    @Nullable
    RequestContent content() {
        return content;
    }

    /** Returns the head that is being read; the time for it runs from its first byte. */
    HeadReader head() {
        HeadReader reading = head;
        if (reading == null) {
            reading = new HeadReader();
            head = reading;
            if (idle) {
                startRequest();
            }
        }
        return reading;
    }

    private void startRequest() {
        idle = false;
        if (requestSeconds == 0) {
            deadlines.remove(this);
        } else {
            deadlineNanos = deadlines.inSeconds(requestSeconds);
        }
    }

    /** Reserves the memory of a head that has not come whole; false if too little is left. */
    synchronized boolean reserveHead() {
        HeadReader reading = head;
        long more = reading == null ? 0 : reading.memoryBytes() - reservedBytes;
        if (more > 0 && !budget.tryReserve(Budget.Share.INPUT, more)) {
            return false;
        }
        reservedBytes += Math.max(0, more);
        return true;
    }

    private synchronized void forgetHead() {
        head = null;
        budget.release(Budget.Share.INPUT, reservedBytes);
        reservedBytes = 0;
    }

    /** A request's head is passed on; {@code rest} is what follows. */
    void passed(RequestContent rest) {
        forgetHead();
        contentRead(rest);
    }

    /** Some of a request's content is passed on. */
    void contentRead(RequestContent rest) {
        if (!rest.hasEnded()) {
            content = rest;
            return;
        }
        content = null;
        if (full == null) {
            idle = true;
            deadlineNanos = deadlines.inSeconds(KEEP_ALIVE_SECONDS);
            deadlines.add(this);
        }
    }

    /** A handshake is passed on. */
    synchronized void shaking() {
        forgetHead();
        if (phase == Phase.REQUEST) {
            phase = Phase.HANDSHAKE;
        }
    }

    /** The handshake was answered with 101: no deadline any more. */
    synchronized void upgraded() {
        deadlines.remove(this);
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.WEBSOCKET;
        }
    }

    /** Ends the connection; returns whether it was not ended before. */
    synchronized boolean end() {
        deadlines.remove(this);
        boolean first = phase != Phase.ENDED;
        phase = Phase.ENDED;
        forgetHead();
        content = null;
        return first;
    }

    /** Returns whether this is the first call. */
    synchronized boolean forget() {
        boolean first = !forgotten;
        forgotten = true;
        return first;
    }

    /** Answers with an error and ends the connection. */
    void refuse(HttpRefusalException refusal, boolean toHead) {
        if (end()) {
            ending.after(refusal.response(toHead), connection);
        }
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void expire() {
        HeadReader reading = head;
        if (reading != null
                && phase == Phase.REQUEST
                && connection.getAsyncWriteQueue().isEmpty()) {
            refuse(new HttpRefusalException(408, "this request took too long"), false);
        } else if (phase != Phase.WEBSOCKET) {
            end();
            if (connection.getAsyncWriteQueue().isEmpty()) {
                connection.terminateSilently();
            } else {
                Ending.reset(connection);
            }
        }
    }
}
