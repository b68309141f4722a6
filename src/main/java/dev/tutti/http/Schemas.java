package dev.tutti.http;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The JSON schemas of records as {@link RecordJson} reads and writes them, by the names of the records. Confined to its caller. */
final class Schemas {
    /** Empty while a schema is written, which may refer to itself. */
    private final Map<String, Optional<JsonObjectBuilder>> byName = new TreeMap<>();

    /** Returns a reference to the schema of a record. */
    JsonObjectBuilder refer(Class<? extends Record> type) {
        String name = type.getSimpleName();
        if (!byName.containsKey(name)) {
            byName.put(name, Optional.empty());
            byName.put(name, Optional.of(schema(type)));
        }
        return Json.createObjectBuilder().add("$ref", "#/components/schemas/" + name);
    }

    /** Returns all schemas that were referred to. */
    JsonObjectBuilder all() {
        JsonObjectBuilder all = Json.createObjectBuilder();
        byName.forEach((name, schema) -> all.add(name, schema.orElseThrow()));
        return all;
    }

    private JsonObjectBuilder schema(Class<? extends Record> type) {
        JsonObjectBuilder properties = Json.createObjectBuilder();
        JsonArrayBuilder required = Json.createArrayBuilder();
        for (RecordComponent component : type.getRecordComponents()) {
            JsonObjectBuilder schema = schema(component.getGenericType());
            if (component.isAnnotationPresent(OptionalMember.class)) {
                schema = Json.createObjectBuilder()
                        .add(
                                "anyOf",
                                Json.createArrayBuilder()
                                        .add(schema)
                                        .add(Json.createObjectBuilder().add("type", "null")));
            } else {
                required.add(component.getName());
            }
            properties.add(component.getName(), schema);
        }
        return Json.createObjectBuilder()
                .add("type", "object")
                .add("properties", properties)
                .add("required", required)
                .add("additionalProperties", false);
    }

    private JsonObjectBuilder schema(Type type) {
        JsonObjectBuilder schema = Json.createObjectBuilder();
        if (type == JsonValue.class) {
            return schema; // any value
        }
        if (type == String.class) {
            return schema.add("type", "string");
        }
        if (type == Instant.class) {
            return schema.add("type", "string").add("format", "date-time");
        }
        if (type == boolean.class) {
            return schema.add("type", "boolean");
        }
        if (type == int.class || type == Integer.class || type == long.class) {
            return schema.add("type", "integer");
        }
        if (type instanceof ParameterizedType list) {
            return schema.add("type", "array").add("items", schema(list.getActualTypeArguments()[0]));
        }
        if (type instanceof Class<?> nested && nested.isRecord()) {
            return refer(nested.asSubclass(Record.class));
        }
        throw new LinkageError("the API has no schema of " + type);
    }
}
