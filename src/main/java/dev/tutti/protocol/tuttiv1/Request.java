package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a client of {@code tutti.v1} wants (docs/protocol.md, "Requests"). Immutable.
 *
 * <p>{@code id} is what the answer repeats, null for none. It is kept as JSON text, and so are data and states: what is anybody's is
 * passed on and not looked into.
 */
public sealed interface Request {
    @Nullable
    String id();

    /** Returns the room that this is about, null for none. */
    default @Nullable String room() {
        return null;
    }

    /** Enters a room; {@code since} is null for who has not been there. */
    record Join(
            String id,
            String room,
            @Nullable Position since,
            @Nullable String state) implements Request {}

    /** Leaves a room. */
    record Leave(String id, String room) implements Request {}

    /** Says something; {@code key} is null for none. */
    record Publish(
            @Nullable String id,
            String room,
            String data,
            @Nullable String key) implements Request {}

    /** Shows a state; null for none. */
    record State(@Nullable String id, String room, @Nullable String state) implements Request {}

    /** Asks who is in a room. */
    record Members(String id, String room) implements Request {}

    /** Asks what was said: after {@code since} or before {@code before} or, if both are null, last. */
    record History(
            String id,
            String room,
            @Nullable Position since,
            @Nullable Position before,
            int limit) implements Request {}

    /** Asks for a sign of life. */
    record Ping(String id) implements Request {}

    /** What cannot be carried out, whatever the circumstances. */
    record Bad(@Nullable String id, ErrorCode code, String message) implements Request {}

    /** A frame over the limit, which ends the connection. */
    record TooLarge(String message) implements Request {
        @Override
        public @Nullable String id() {
            return null;
        }
    }
}
