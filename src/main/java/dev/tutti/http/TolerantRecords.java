package dev.tutti.http;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads records that other servers have written, maybe of another version: it ignores unknown members, and takes 0, an empty text, an empty list or
 * null for a member that is missing or of another type. Stateless.
 */
final class TolerantRecords {
    private TolerantRecords() {}

    /** @throws JsonException if the text is no JSON object */
    static <R extends Record> R read(Class<R> type, String json) {
        try (JsonReader reader = Json.createReader(new StringReader(json))) {
            return record(type, reader.readObject());
        }
    }

    private static <R extends Record> R record(Class<R> type, JsonObject object) {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            JsonValue value = object.get(components[i].getName());
            boolean isAbsent = value == null || value == JsonValue.NULL;
            values[i] = isAbsent && components[i].isAnnotationPresent(OptionalMember.class)
                    ? null
                    : converted(components[i].getGenericType(), value);
        }
        try {
            return type.getDeclaredConstructor(Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new))
                    .newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the constructor of a record of the API is accessible", e);
        }
    }

    private static Object converted(Type type, @Nullable JsonValue value) {
        if (type == String.class) {
            return text(value);
        }
        if (type == int.class) {
            return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number(value)));
        }
        if (type == long.class) {
            return number(value);
        }
        if (type == boolean.class) {
            return value == JsonValue.TRUE;
        }
        if (type == Instant.class) {
            return time(text(value));
        }
        if (type instanceof ParameterizedType list) {
            Type element = list.getActualTypeArguments()[0];
            List<JsonValue> values = value instanceof JsonArray array ? array : List.of();
            return values.stream().map(one -> converted(element, one)).toList();
        }
        if (type instanceof Class<?> nested && nested.isRecord()) {
            JsonObject object = value instanceof JsonObject given ? given : JsonValue.EMPTY_JSON_OBJECT;
            return record(nested.asSubclass(Record.class), object);
        }
        throw new LinkageError("a record of another server has no component of " + type);
    }

    private static String text(@Nullable JsonValue value) {
        return value instanceof JsonString text ? text.getString() : "";
    }

    private static long number(@Nullable JsonValue value) {
        try {
            return value instanceof JsonNumber number ? Long.parseLong(number.toString()) : 0;
        } catch (NumberFormatException e) { // such as 1e99, which would be long as an integer
            return 0;
        }
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }
}
