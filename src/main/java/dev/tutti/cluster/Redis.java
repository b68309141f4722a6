package dev.tutti.cluster;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One connection to Redis, which ends at the first fault: calls under way fail, and the next connection begins anew. ScriptAnswers and messages arrive
 * in the order in which Redis sends them. Safe for any thread; no method blocks.
 */
interface Redis extends AutoCloseable {
    /** Receives messages, on the connection's thread, and must not block. */
    interface Listener {
        /** A message has arrived on a channel. */
        void received(String channel, byte[] message);

        /** The connection has ended; called once. */
        void ended(Redis connection);

        /**
         * A node of Redis Cluster does not own a part any more.
         *
         * @param owner the address of the node that has it, as host:port; empty if it is not known
         */
        default void moved(String owner) {}

        /** A node of Redis Cluster has ended the subscription to a channel, or refuses it for now. */
        default void unsubscribed(String channel) {}
    }

    /** Opens connections. */
    interface Connector extends AutoCloseable {
        /** Opens a connection; the stage fails if that is not possible now. */
        CompletionStage<Redis> connect(Listener listener);

        /** Returns the address without user and password, for people. */
        String address();

        /** Closes all connections and ends the threads. May wait for a second. */
        @Override
        void close();
    }

    /** Returns the generation of the data when this connection was opened, as {@link #readGeneration}. */
    String generation();

    /**
     * Asks for the generation: it is another one when Redis has restarted or another replica took over, which may have lost the last writes. Fails if
     * the peer does not accept writes.
     */
    CompletionStage<String> readGeneration();

    /** Runs a script, and returns its answer: numbers as Long, texts as byte[]. Fails with {@link MovedException} if the keys are on another node. */
    CompletionStage<List<Object>> run(Script script, List<String> keys, List<byte[]> arguments);

    /** Receives the messages of a channel from now on: scripts that run later see the subscription. The stage fails if Redis refuses it. */
    CompletionStage<?> subscribe(String channel);

    /** Ends a subscription. */
    void unsubscribe(String channel);

    /** Sends a message on a channel; returns the number of connections that receive it. */
    CompletionStage<Long> publish(String channel, byte[] message);

    /** Ends the connection, and fails the calls under way. Later calls do nothing. */
    @Override
    void close();
}
