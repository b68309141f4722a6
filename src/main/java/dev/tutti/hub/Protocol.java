package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/** How a kind of client is told what happens in a room. Stateless; one instance for all clients of its kind. */
public interface Protocol {
    /** Returns the frame that says this, null if such clients are not told; called once for each notice, whatever their number. */
    @Nullable
    Frame encode(String room, RoomEvent notice);

    /** Returns whether such clients are told who comes and goes, so that it must be noticed soon who has vanished. */
    boolean receivesPresence();

    /**
     * Returns whether such a client, when too much waits for it, is not closed: all that waits is dropped, and when it has read the rest,
     * it is told anew ({@link Client#attach}).
     */
    default boolean supportsCatchUp() {
        return false;
    }
}
