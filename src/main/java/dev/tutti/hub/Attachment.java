package dev.tutti.hub;

/** What a client takes part in besides rooms. Called on any thread, under no lock; returns soon. */
public interface Attachment {
    /** The client is gone, or about to be; called once. */
    void gone();

    /**
     * The client has read all that was sent to it; of what was to be sent since, all was dropped, and still is until {@link Client#resume}
     * says that it is now told what it lacks.
     */
    void drained();
}
