package dev.tutti.endpoint;

import dev.tutti.hub.Position;
import dev.tutti.hub.RoomName;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What a client of {@code tutti.v1} wants (docs/protocol.md, "Requests"). Immutable.
 *
 * <p>{@code id} is what the answer repeats, null for none. It is kept as JSON text, and so are data and states: what is anybody's is
 * passed on and not looked into.
 */
public sealed interface Request {
    /** The longest id, as JSON text, and the longest key. */
    int MAX_LENGTH = 64;

    /** How many publications a page of the history has if the client does not say. */
    int DEFAULT_LIMIT = 100;

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
    record Bad(@Nullable String id, Problem problem, String why) implements Request {}

    /** A frame over the limit, which ends the connection. */
    record TooLarge(String why) implements Request {
        @Override
        public @Nullable String id() {
            return null;
        }
    }

    /** Returns the request that a JSON object makes. */
    static Request of(JsonObject object) {
        String id = null;
        try {
            id = id(object);
            return read(object, id);
        } catch (RequestException e) {
            return new Bad(id, e.problem(), String.valueOf(e.getMessage()));
        }
    }

    private static Request read(JsonObject object, @Nullable String id) throws RequestException {
        String type = string(object, "type");
        return switch (type) {
            case "publish" -> new Publish(id, room(object), data(object), key(object));
            case "state" -> new State(id, room(object), state(object));
            case "join" -> new Join(required(id), room(object), position(object, "since"), state(object));
            case "leave" -> new Leave(required(id), room(object));
            case "members" -> new Members(required(id), room(object));
            case "history" ->
                new History(
                        required(id),
                        room(object),
                        position(object, "since"),
                        position(object, "before"),
                        limit(object));
            case "ping" -> new Ping(required(id));
            default -> throw new RequestException(Problem.UNKNOWN_TYPE, "there is no request of this type");
        };
    }

    private static String required(@Nullable String id) throws RequestException {
        if (id == null) {
            throw new RequestException(Problem.BAD_REQUEST, "id is missing");
        }
        return id;
    }

    private static @Nullable String id(JsonObject object) throws RequestException {
        JsonValue id = object.get("id");
        if (id == null) {
            return null;
        }
        String text = id.toString();
        boolean isId = id instanceof JsonNumber || id instanceof JsonString;
        require(isId && text.length() <= MAX_LENGTH, "id is not a number or string of up to 64 characters");
        return JsonText.wellFormed(text);
    }

    private static String room(JsonObject object) throws RequestException {
        String room = string(object, "room");
        if (!RoomName.isValid(room)) {
            throw new RequestException(
                    Problem.INVALID_ROOM, "a room's name is 1 to 128 letters, digits and . _ - ~ : @, no dot first");
        }
        return room;
    }

    private static String data(JsonObject object) throws RequestException {
        JsonValue data = object.get("data");
        if (data == null) {
            throw new RequestException(Problem.BAD_REQUEST, "data is missing");
        }
        return JsonText.wellFormed(data.toString());
    }

    private static @Nullable String key(JsonObject object) throws RequestException {
        if (!object.containsKey("key")) {
            return null;
        }
        String key = string(object, "key");
        require(!key.isEmpty(), "key is empty");
        if (key.length() > MAX_LENGTH) {
            throw new RequestException(Problem.TOO_LARGE, "key has more than 64 characters");
        }
        return key;
    }

    private static @Nullable String state(JsonObject object) {
        JsonValue state = object.get("state");
        return state == null || state == JsonValue.NULL ? null : JsonText.wellFormed(state.toString());
    }

    private static @Nullable Position position(JsonObject object, String name) throws RequestException {
        JsonValue value = object.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonObject position && position.get("offset") instanceof JsonNumber offset) {
            try {
                return new Position(string(position, "epoch"), offset.longValueExact());
            } catch (ArithmeticException e) {
                // said below
            }
        }
        throw new RequestException(
                Problem.BAD_REQUEST, name + " is not a position: {\"epoch\": a string, \"offset\": a whole number}");
    }

    private static int limit(JsonObject object) throws RequestException {
        if (!object.containsKey("limit")) {
            return DEFAULT_LIMIT;
        }
        long limit = 0;
        if (object.get("limit") instanceof JsonNumber number) {
            try {
                limit = number.longValueExact();
            } catch (ArithmeticException e) {
                // said below
            }
        }
        require(limit >= 1, "limit is not a whole number from 1");
        return (int) Math.min(limit, Integer.MAX_VALUE);
    }

    private static String string(JsonObject object, String name) throws RequestException {
        if (object.get(name) instanceof JsonString string) {
            return string.getString();
        }
        throw new RequestException(
                Problem.BAD_REQUEST, name + (object.containsKey(name) ? " is not a string" : " is missing"));
    }

    private static void require(boolean condition, String why) throws RequestException {
        if (!condition) {
            throw new RequestException(Problem.BAD_REQUEST, why);
        }
    }
}
