package dev.tutti.hub;

/**
 * An application that listens to a room. Its methods are called one at a time, in the room's order, on a thread on which they may take
 * their time: nobody waits for them. What they throw is logged.
 */
public interface RoomListener {
    /** Somebody said something, or the application itself. */
    void said(Publication publication);

    /** A client came. */
    default void entered(Member member) {}

    /** A client shows another state; of states that follow each other quickly all are told. */
    default void changed(Member member) {}

    /** A client is gone. */
    default void left(Member member) {}

    /** The listener was so slow that it has missed something: what comes next is what happened last. */
    default void missed() {}
}
