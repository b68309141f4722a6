package dev.tutti.hub;

/** The part of a client outside of rooms, such as its documents. Called on any thread, under no lock; its methods return soon. */
public interface Attachment {
    /** The client has ended, or its connection is being closed; called once. */
    void clientClosed();

    /**
     * The outbox has dropped frames, and now has sent all kept ones. It drops all frames until {@link Client#resume}; send
     * the difference after that call.
     */
    void drained();
}
