package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * The network's end of one connection. Its caller, an {@link Outbox}, has at most one send in flight.
 *
 * <p>No method throws, and none waits for the peer.
 */
public interface Transport {

    /**
     * Starts to send {@code batch} from frame {@code from} on, as many frames as this transport sends at a time.
     *
     * @param done told once when those frames are on their way, or that they failed, of which it may be told more than once;
     *     maybe before this returns, maybe from another thread
     * @return the index of the first frame that was not taken, greater than {@code from}; the batch's size when all were
     */
    int send(Batch batch, int from, Completion done);

    /**
     * Asks the peer for a sign of life. Called only while nothing is in flight.
     *
     * @param handedOver told once when the network has taken the ping, or refused it; maybe before this returns, maybe from another
     *     thread. The peer's time to answer begins then
     */
    void ping(Runnable handedOver);

    /**
     * Closes the connection with a close frame where the peer still reads, and without where it does not. What was sent before
     * goes out first. Calls after the first do nothing.
     *
     * @param reason for people, at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    void close(CloseCode code, String reason);

    /**
     * Returns the key of the peer's address, as {@link Budget#quota} takes it: all connections with it share a quota. Empty if the
     * address is unknown.
     */
    default String quotaKey() {
        return "";
    }

    /** Hears how a send ended. */
    interface Completion {
        /** The send ended: well if {@code failure} is null, else because the connection is gone. */
        void done(@Nullable Throwable failure);
    }
}
