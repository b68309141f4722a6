package dev.tutti.hub;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes to one connection. Its caller, an {@link Outbox}, has at most one send in flight.
 *
 * <p>No method throws, and none waits for the peer.
 */
public interface Transport {

    /**
     * Starts to send frames of {@code batch} from index {@code from} on, as many as this transport sends at a time.
     *
     * @param done called when the network has taken these frames, or when they have failed: once for success, at least once for a failure;
     *     on any thread, also before this returns
     * @return the index of the first frame that was not sent, greater than {@code from}; the batch's size if all were
     */
    int send(Batch batch, int from, Completion done);

    /**
     * Pings the peer. Called only while no send is in flight.
     *
     * @param handedOver called once, when the network has taken or refused the ping; on any thread, also before this returns. The peer's time to
     *     answer begins then
     */
    void ping(Runnable handedOver);

    /**
     * The peer has sent a pong, in answer to a ping or unasked.
     *
     * @param data of the pong; its position does not change
     */
    default void pong(ByteBuffer data) {}

    /**
     * Closes the connection after earlier sends: with a close frame if the peer still reads, without one if it does not. Later calls do
     * nothing.
     *
     * @param reason for people, at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    void close(CloseCode code, String reason);

    /**
     * Returns the key of the peer's address for {@link Budget#quota}: all connections with the same key share a quota. Empty if the address is
     * unknown.
     */
    default String quotaKey() {
        return "";
    }

    /** Called when a send has ended. */
    interface Completion {
        /** The send has succeeded if {@code failure} is null; otherwise the connection has broken. */
        void done(@Nullable Throwable failure);
    }
}
