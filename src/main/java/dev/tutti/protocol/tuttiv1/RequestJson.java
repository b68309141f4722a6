package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.Position;
import dev.tutti.hub.RoomName;
import dev.tutti.protocol.JsonText;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.json.bind.serializer.DeserializationContext;
import jakarta.json.bind.serializer.JsonbDeserializer;
import jakarta.json.stream.JsonParser;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link Request} from JSON. Stateless.
 *
 * <p>{@code @JsonbTypeInfo} on the interface is no substitute: Yasson 3.0.4 cannot give a subtype's component a number, string or boolean
 * as {@code JsonValue}, and its exception does not contain the id of a faulty request.
 */
final class RequestJson implements JsonbDeserializer<Request> {
    /** Safe for any thread. */
    static final Jsonb JSONB = JsonbBuilder.create(new JsonbConfig().withDeserializers(new RequestJson()));

    /** Characters of the longest id, as JSON text, and of the longest key. */
    private static final int MAX_LENGTH = 64;

    /** Publications of a page of the history if the request has no limit. */
    private static final int DEFAULT_LIMIT = 100;

    @Override
    public Request deserialize(JsonParser parser, DeserializationContext context, Type type) {
        return request(parser.getObject());
    }

    /** Returns the request of a JSON object, {@link Request.Bad} if it is none. */
    private static Request request(JsonObject object) {
        String id = null;
        try {
            id = id(object);
            return read(object, id);
        } catch (RequestException e) {
            return new Request.Bad(id, e.code(), String.valueOf(e.getMessage()));
        }
    }

    private static Request read(JsonObject object, @Nullable String id) throws RequestException {
        String type = string(object, "type");
        return switch (type) {
            case "publish" -> new Request.Publish(id, room(object), data(object), key(object));
            case "state" -> new Request.State(id, room(object), state(object));
            case "join" -> new Request.Join(required(id), room(object), position(object, "since"), state(object));
            case "leave" -> new Request.Leave(required(id), room(object));
            case "members" -> new Request.Members(required(id), room(object));
            case "history" ->
                new Request.History(
                        required(id),
                        room(object),
                        position(object, "since"),
                        position(object, "before"),
                        limit(object));
            case "authenticate" -> authenticate(required(id), object);
            case "ping" -> new Request.Ping(required(id));
            default -> throw new RequestException(ErrorCode.UNKNOWN_TYPE, "there is no request of this type");
        };
    }

    private static Request authenticate(String id, JsonObject object) throws RequestException {
        if (!object.containsKey("guest")) {
            return new Request.Authenticate(id, string(object, "token"));
        }
        require(!object.containsKey("token"), "a guest has no token");
        return new Request.Guest(id, string(object, "guest"));
    }

    private static String required(@Nullable String id) throws RequestException {
        if (id == null) {
            throw new RequestException(ErrorCode.BAD_REQUEST, "id is missing");
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
            throw new RequestException(ErrorCode.INVALID_ROOM, RoomName.NO_NAME);
        }
        return room;
    }

    private static String data(JsonObject object) throws RequestException {
        JsonValue data = object.get("data");
        if (data == null) {
            throw new RequestException(ErrorCode.BAD_REQUEST, "data is missing");
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
            throw new RequestException(ErrorCode.TOO_LARGE, "key has more than 64 characters");
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
                // reported below
            }
        }
        throw new RequestException(
                ErrorCode.BAD_REQUEST, name + " is not a position: {\"epoch\": a string, \"offset\": a whole number}");
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
                // reported below
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
                ErrorCode.BAD_REQUEST, name + (object.containsKey(name) ? " is not a string" : " is missing"));
    }

    private static void require(boolean condition, String message) throws RequestException {
        if (!condition) {
            throw new RequestException(ErrorCode.BAD_REQUEST, message);
        }
    }
}
