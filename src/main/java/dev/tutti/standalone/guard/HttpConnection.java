package dev.tutti.standalone.guard;

import dev.tutti.hub.Budget;
import dev.tutti.security.Identity;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP state of one connection before it becomes a WebSocket: the unfinished request and its deadline. Reading is confined to the
 * connection's selector thread; the phase is guarded by this.
 */
final class HttpConnection implements Deadlines.Timed {
    /** Limit for idle time between two requests, and for reading a response. */
    static final int KEEP_ALIVE_SECONDS = 30;

    enum Phase {
        REQUEST,
        /** Tyrus has the handshake and has not answered it. */
        HANDSHAKE,
        WEBSOCKET,
        /** The last response is queued; further input is dropped. */
        CLOSING
    }

    private final TCPNIOConnection connection;
    private final Deadlines deadlines;
    private final LingeringClose lingeringClose;
    private final int requestSeconds;
    private final Budget budget;
    /** The response to any handshake, because a connection limit is reached; null below the limits. */
    private final @Nullable HttpErrorException limitError;

    private volatile long deadlineNanos;
    private volatile Phase phase = Phase.REQUEST;

    /** The unfinished head; null between two requests. */
    private volatile @Nullable HeadReader head;
    /** Bytes reserved for the unfinished head; guarded by this. */
    private long reservedBytes;
    /** The unfinished content of the current request; null if there is none. */
    private @Nullable RequestContent content;
    /** No request has begun since the last one; false before the first, whose deadline starts with the connection. */
    private boolean isIdle;
    /** {@link #markReleased} was called; guarded by this. */
    private boolean isReleased;

    /** Of the handshake's peer; guarded by this. */
    private @Nullable Identity identity;

    HttpConnection(
            TCPNIOConnection connection,
            Deadlines deadlines,
            LingeringClose lingeringClose,
            int requestSeconds,
            Budget budget,
            @Nullable HttpErrorException limitError) {
        this.connection = connection;
        this.deadlines = deadlines;
        this.lingeringClose = lingeringClose;
        this.requestSeconds = requestSeconds;
        this.budget = budget;
        this.limitError = limitError;
        this.deadlineNanos = deadlines.inSeconds(requestSeconds);
        if (requestSeconds != 0) {
            deadlines.add(this);
        }
    }

    Phase phase() {
        return phase;
    }

    @Nullable
    HttpErrorException limitError() {
        return limitError;
    }

    /** Returns the identity of the handshake's peer; null if no handshake was passed on. */
    synchronized @Nullable Identity identity() {
        return identity;
    }

    @Nullable
    RequestContent content() {
        return content;
    }

    /** Returns the unfinished head, or a new one, whose deadline starts now. */
    HeadReader head() {
        HeadReader reading = head;
        if (reading == null) {
            reading = new HeadReader();
            head = reading;
            if (isIdle) {
                startRequest();
            }
        }
        return reading;
    }

    private void startRequest() {
        isIdle = false;
        if (requestSeconds == 0) {
            deadlines.remove(this);
        } else {
            deadlineNanos = deadlines.inSeconds(requestSeconds);
        }
    }

    /** Reserves the memory of the unfinished head. Returns false if the budget has too little left. */
    synchronized boolean reserveHead() {
        HeadReader reading = head;
        long more = reading == null ? 0 : reading.memoryBytes() - reservedBytes;
        if (more > 0 && !budget.tryReserve(Budget.Share.INPUT, more)) {
            return false;
        }
        reservedBytes += Math.max(0, more);
        return true;
    }

    private synchronized void dropHead() {
        head = null;
        budget.release(Budget.Share.INPUT, reservedBytes);
        reservedBytes = 0;
    }

    /** Notes that a head was passed on, and which content follows it. */
    void headPassed(RequestContent rest) {
        dropHead();
        contentPassed(rest);
    }

    /** Notes that a part of the content was passed on. */
    void contentPassed(RequestContent rest) {
        if (!rest.hasEnded()) {
            content = rest;
            return;
        }
        content = null;
        if (limitError == null) {
            isIdle = true;
            deadlineNanos = deadlines.inSeconds(KEEP_ALIVE_SECONDS);
            deadlines.add(this);
        }
    }

    /** Notes that a handshake of a peer with this identity was passed on. */
    synchronized void handshakePassed(Identity peer) {
        identity = peer;
        dropHead();
        if (phase == Phase.REQUEST) {
            phase = Phase.HANDSHAKE;
        }
    }

    /** Notes the response 101, which ends the deadline. */
    synchronized void upgraded() {
        deadlines.remove(this);
        if (phase == Phase.HANDSHAKE) {
            phase = Phase.WEBSOCKET;
        }
    }

    /** Drops the unfinished request and ignores further input. Returns whether this is the first call. */
    synchronized boolean close() {
        deadlines.remove(this);
        boolean first = phase != Phase.CLOSING;
        phase = Phase.CLOSING;
        dropHead();
        content = null;
        return first;
    }

    /** Returns whether this is the first call, so that the caller stops counting the connection once. */
    synchronized boolean markReleased() {
        boolean first = !isReleased;
        isReleased = true;
        return first;
    }

    /** Responds with an error and closes the connection. */
    void fail(HttpErrorException error, boolean isHeadRequest) {
        if (close()) {
            lingeringClose.closeAfter(error.response(isHeadRequest), connection);
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
            fail(new HttpErrorException(408, "the request took too long"), false);
        } else if (phase != Phase.WEBSOCKET) {
            close();
            if (connection.getAsyncWriteQueue().isEmpty()) {
                connection.terminateSilently();
            } else {
                LingeringClose.reset(connection);
            }
        }
    }
}
