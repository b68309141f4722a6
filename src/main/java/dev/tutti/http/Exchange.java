package dev.tutti.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The server's part of one request: the body that arrives, and the end. Called on the thread that handles the request. */
public interface Exchange {
    /** Of a request without a body, which nobody has to wait for. */
    Exchange WITHOUT_BODY = new Exchange() {
        @Override
        public CompletionStage<byte[]> read(int maxBytes) {
            return CompletableFuture.completedFuture(new byte[0]);
        }

        @Override
        public void whenEnded(Runnable action) {}
    };

    /**
     * Reads the body; called once at most. Does not block.
     *
     * @return the body; fails with {@link #tooLarge} if it has more than {@code maxBytes}, and with another exception if it does not arrive
     */
    CompletionStage<byte[]> read(int maxBytes);

    /** Returns the failure of a body that has more than {@code maxBytes}. */
    static RuntimeException tooLarge(int maxBytes) {
        return new ApiException(ApiError.TOO_LARGE, "the body has more than " + maxBytes + " bytes");
    }

    /** Calls {@code action} once, when the response was sent or the connection has ended. It does not block. */
    void whenEnded(Runnable action);
}
