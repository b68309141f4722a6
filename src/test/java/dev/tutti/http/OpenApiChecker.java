package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Checks answers against {@code /api/openapi.json}, as far as that uses JSON Schema. Immutable. */
public final class OpenApiChecker {
    private final JsonObject description;

    private OpenApiChecker(JsonObject description) {
        this.description = description;
    }

    /** Returns a checker by the text of a description. */
    public static OpenApiChecker of(String description) {
        return new OpenApiChecker(parse(description).asJsonObject());
    }

    /**
     * Asserts that the description allows an answer. Paths and methods without a route need not be described: their answers are 404 and 405.
     *
     * @param target path below the application, with or without a query
     * @param body as text; ignored if it is no JSON
     */
    public void check(String method, String target, int status, String contentType, String body) {
        String path = target.split("\\?", 2)[0].replaceFirst("(?<=.)/$", "");
        JsonObject operations = operations(path);
        String described = (method.equals("HEAD") ? "GET" : method).toLowerCase(Locale.ROOT);
        if (operations == null || !operations.containsKey(described)) {
            assertThat(status).as(method + " " + path).isIn(400, 404, 405);
            checkFailure(body, method);
            return;
        }
        JsonObject responses = operations.getJsonObject(described).getJsonObject("responses");
        String key = Integer.toString(status);
        assertThat(responses.keySet()).as(method + " " + path).contains(key);
        JsonObject content = responses.getJsonObject(key).getJsonObject("content");
        if (content == null) {
            assertThat(body).isEmpty();
        } else if (!method.equals("HEAD")) {
            String mediaType = contentType.split(";", 2)[0];
            assertThat(content.keySet()).as(method + " " + path + " " + status).containsExactly(mediaType);
            JsonObject schema = content.getJsonObject(mediaType).getJsonObject("schema");
            if (schema != null) {
                check(schema, parse(body), method + " " + path);
            }
        }
    }

    private void checkFailure(String body, String method) {
        if (!method.equals("HEAD")) {
            check(
                    description
                            .getJsonObject("components")
                            .getJsonObject("schemas")
                            .getJsonObject("Failure"),
                    parse(body),
                    method);
        }
    }

    private JsonObject operations(String path) {
        List<String> segments = List.of(path.split("/", -1));
        for (Map.Entry<String, JsonValue> entry :
                description.getJsonObject("paths").entrySet()) {
            List<String> template = List.of(entry.getKey().split("/", -1));
            boolean matches = template.size() == segments.size();
            for (int i = 0; matches && i < template.size(); i++) {
                matches = template.get(i).startsWith("{")
                        ? !segments.get(i).isEmpty()
                        : template.get(i).equals(segments.get(i));
            }
            if (matches) {
                return entry.getValue().asJsonObject();
            }
        }
        return null;
    }

    private void check(JsonObject schema, JsonValue value, String where) {
        if (schema.containsKey("$ref")) {
            String name = schema.getString("$ref").replace("#/components/schemas/", "");
            check(
                    description
                            .getJsonObject("components")
                            .getJsonObject("schemas")
                            .getJsonObject(name),
                    value,
                    where);
        } else if (schema.containsKey("anyOf")) {
            if (value != JsonValue.NULL) {
                check(schema.getJsonArray("anyOf").getJsonObject(0), value, where);
            }
        } else if (schema.containsKey("type")) {
            checkType(schema, value, where);
        }
    }

    private void checkType(JsonObject schema, JsonValue value, String where) {
        switch (schema.getString("type")) {
            case "object" -> {
                JsonObject object = (JsonObject) value;
                JsonObject properties = schema.getJsonObject("properties");
                assertThat(properties.keySet()).as(where).containsAll(object.keySet());
                schema.getJsonArray("required")
                        .getValuesAs(JsonString.class)
                        .forEach(name -> assertThat(object.keySet()).as(where).contains(name.getString()));
                object.forEach((name, member) -> check(properties.getJsonObject(name), member, where + "." + name));
            }
            case "array" ->
                value.asJsonArray().forEach(element -> check(schema.getJsonObject("items"), element, where + "[]"));
            case "string" -> {
                assertThat(value).as(where).isInstanceOf(JsonString.class);
                if (schema.getString("format", "").equals("date-time")) {
                    Instant.parse(((JsonString) value).getString());
                }
            }
            case "integer" ->
                assertThat(((JsonNumber) value).isIntegral()).as(where).isTrue();
            case "boolean" -> assertThat(value).as(where).isIn(JsonValue.TRUE, JsonValue.FALSE);
            default -> throw new AssertionError("an unknown type in the description: " + schema);
        }
    }

    private static JsonValue parse(String json) {
        try (JsonReader reader = Json.createReader(new StringReader(json))) {
            return reader.readValue();
        }
    }
}
