package dev.tutti.document;

import java.util.concurrent.CompletionStage;

/**
 * Carries messages between the servers that have the same document open. Messages of one sender arrive in their order, but any of them may be
 * missing: {@link Peers} finds gaps. Safe for any thread; no method blocks.
 */
public interface DocumentRelay {
    /** Receives for one document. Called by any thread, and must not block. */
    interface Receiver {
        /** The channel receives from now on. Earlier messages may be missing: the channel may have been cut off before. */
        void connected();

        /** A message has arrived, from this server or another one. */
        void received(byte[] message);
    }

    /** The channel of one document on this server. */
    interface Channel {
        /**
         * Sends a message to all servers that have the document open, this one included.
         *
         * @return the number of servers that receive it; fails if that is not known, and then it may have been sent
         */
        CompletionStage<Long> send(byte[] message);

        /** Returns whether messages can be sent now. */
        boolean isConnected();

        /** Receives nothing any more. */
        void close();
    }

    /** Returns a number from 1 to 2^53 - 1 that no other copy of a document has, on any server. */
    long newOrigin();

    /**
     * Receives the messages about a document from now on.
     *
     * @param greeting is sent whenever the channel begins to receive, before {@link Receiver#connected}
     */
    Channel open(String document, byte[] greeting, Receiver receiver);

    /** Sends a message as {@link Channel#send}, without a channel. */
    CompletionStage<Long> send(String document, byte[] message);
}
