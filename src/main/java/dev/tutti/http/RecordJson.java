package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.protocol.JsonText;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonConfig;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the records of the HTTP API. Their components are strings, whole numbers, booleans, times, JSON values, records, and lists of
 * these. Stateless.
 *
 * <p>JSON-B writes them from maps: the order of a record's members would otherwise be that of its implementation. It reads no member twice or
 * unknown, which JSON-B would drop in silence.
 */
final class RecordJson {
    private static final Jsonb JSONB = JsonbBuilder.create(new JsonbConfig().withNullValues(true));
    private static final JsonReaderFactory READERS =
            Json.createReaderFactory(Map.of(JsonConfig.KEY_STRATEGY, JsonConfig.KeyStrategy.NONE));

    private static final String NO_OBJECT = "the body is not one JSON object in UTF-8";

    private RecordJson() {}

    /** Returns the value of a JSON text that is well-formed. */
    static JsonValue value(String json) {
        try (JsonReader reader = Json.createReader(new StringReader(json))) {
            return reader.readValue();
        }
    }

    /** Returns a record as a JSON object. */
    static String write(Record value) {
        return JSONB.toJson(plain(value));
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Record record) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                members.put(component.getName(), plain(valueOf(component, record)));
            }
            return members;
        }
        if (value instanceof JsonValue) {
            return value;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(RecordJson::plain).toList();
        }
        return value instanceof Instant time ? time.toString() : value;
    }

    private static @Nullable Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the accessors of a record of the API are accessible", e);
        }
    }

    /**
     * Reads a JSON object in UTF-8.
     *
     * @throws ApiException if it is none, or lacks a member, or has one of another name or type; the message names the fault
     */
    static <R extends Record> R read(Class<R> type, byte[] body) {
        JsonObject object;
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            object = object(text);
        } catch (CharacterCodingException | JsonException e) {
            throw bad(NO_OBJECT);
        }
        if (!JsonText.isOneStructure(text)) { // the reader ignores the rest
            throw bad(NO_OBJECT);
        }
        return read(type, object, "");
    }

    private static JsonObject object(String text) {
        try (JsonReader reader = READERS.createReader(new StringReader(text))) {
            return reader.readObject();
        }
    }

    private static <R extends Record> R read(Class<R> type, JsonObject object, String where) {
        RecordComponent[] components = type.getRecordComponents();
        Set<String> names =
                Arrays.stream(components).map(RecordComponent::getName).collect(Collectors.toUnmodifiableSet());
        for (String member : object.keySet()) {
            if (!names.contains(member)) {
                throw bad(where + "there is no member of the name '" + shortened(member) + "'");
            }
        }
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = member(components[i], object.get(components[i].getName()), where);
        }
        return create(type, components, values);
    }

    private static <R extends Record> R create(Class<R> type, RecordComponent[] components, @Nullable Object[] values) {
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof ApiException refused) {
                throw refused;
            }
            throw new IllegalStateException("a record of the API cannot be made", e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the constructor of a record of the API is accessible", e);
        }
    }

    private static @Nullable Object member(RecordComponent component, @Nullable JsonValue value, String where) {
        String name = where + component.getName();
        boolean acceptsNull = component.getType() == JsonValue.class;
        if (value == null || (value == JsonValue.NULL && !acceptsNull)) {
            if (component.isAnnotationPresent(OptionalMember.class)) {
                return null;
            }
            throw bad(name + " is missing");
        }
        return converted(component.getGenericType(), value, name);
    }

    private static Object converted(Type type, JsonValue value, String name) {
        if (type == JsonValue.class) {
            return value;
        }
        if (type == String.class) {
            return value instanceof JsonString text ? text.getString() : refuse(name, "a string");
        }
        if (type == long.class) {
            return value instanceof JsonNumber number
                            && number.isIntegral()
                            && number.bigIntegerValue().bitLength() < 64
                    ? number.longValue()
                    : refuse(name, "a whole number");
        }
        if (type instanceof ParameterizedType list) {
            if (!(value instanceof JsonArray array)) {
                return refuse(name, "an array");
            }
            Type element = list.getActualTypeArguments()[0];
            return IntStream.range(0, array.size())
                    .mapToObj(i -> converted(element, array.get(i), name + "[" + i + "]"))
                    .toList();
        }
        if (type instanceof Class<?> nested && nested.isRecord()) {
            return value instanceof JsonObject object
                    ? read(nested.asSubclass(Record.class), object, name + ".")
                    : refuse(name, "an object");
        }
        throw new LinkageError("a request of the API has no component of " + type);
    }

    private static Object refuse(String name, String expected) {
        throw bad(name + " is not " + expected);
    }

    private static ApiException bad(String message) {
        return new ApiException(ApiError.BAD_REQUEST, message);
    }

    private static String shortened(String name) {
        return name.length() <= 64 ? name : name.substring(0, 64) + "…";
    }
}
