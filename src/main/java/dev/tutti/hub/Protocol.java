package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/** How a kind of client is told what happens in a room. Stateless; one instance for all clients of its kind. */
public interface Protocol {
    /** {@code /ws}: a frame holds a publication's JSON string and nothing else. */
    Protocol PLAIN = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent notice) {
            return notice instanceof Publication publication && publication.isString()
                    ? Frame.text(publication.data())
                    : null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }
    };

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
