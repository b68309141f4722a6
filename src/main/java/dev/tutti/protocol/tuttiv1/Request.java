package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.Position;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client of {@code tutti.v1} (docs/protocol.md, "Requests"). Immutable.
 *
 * <p>The answer repeats {@code id}; null if there is none. Ids, data and states are JSON text: the server passes them on and does not read
 * them.
 */
public sealed interface Request {
    @Nullable
    String id();

    /** Returns the room of the request, null if it has none. */
    default @Nullable String room() {
        return null;
    }

    /** Gives an anonymous connection the name of a guest. */
    record Guest(String id, String secret) implements Request {
        /** Hides the secret. */
        @Override
        public String toString() {
            return "Guest[id=" + id + "]";
        }
    }

    /** Gives the connection the user of a token, for the first time or again. */
    record Authenticate(String id, String token) implements Request {
        /** Hides the token. */
        @Override
        public String toString() {
            return "Authenticate[id=" + id + "]";
        }
    }

    /** Joins a room; {@code since} is the last position that the client has seen, null if it has seen none. */
    record Join(
            String id,
            String room,
            @Nullable Position since,
            @Nullable String state) implements Request {}

    /** Leaves a room. */
    record Leave(String id, String room) implements Request {}

    /** Publishes; a room publishes a {@code key} once, null for no key. */
    record Publish(
            @Nullable String id,
            String room,
            String data,
            @Nullable String key) implements Request {}

    /** Sets the presence state; null removes it. */
    record State(@Nullable String id, String room, @Nullable String state) implements Request {}

    /** Asks for the members of a room. */
    record Members(String id, String room) implements Request {}

    /** Asks for publications: the first after {@code since}, the last before {@code before}, or the latest if both are null. */
    record History(
            String id,
            String room,
            @Nullable Position since,
            @Nullable Position before,
            int limit) implements Request {}

    /** Asks for an answer, to check the connection. */
    record Ping(String id) implements Request {}

    /** A line that is no valid request; the client receives an error. */
    record Bad(@Nullable String id, ErrorCode code, String message) implements Request {}

    /** A frame over the size limit; the connection is closed. */
    record TooLarge(String message) implements Request {
        @Override
        public @Nullable String id() {
            return null;
        }
    }
}
