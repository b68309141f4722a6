package dev.tutti;

import dev.tutti.security.Grant;
import dev.tutti.security.Grants;
import jakarta.json.Json;
import jakarta.json.JsonConfig;
import jakarta.json.JsonException;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads the text of the setting {@code rules}. Stateless. */
final class RulesJson {
    private static final Map<String, Object> NO_MEMBER_TWICE =
            Map.of(JsonConfig.KEY_STRATEGY, JsonConfig.KeyStrategy.NONE);

    private RulesJson() {}

    /**
     * Returns the rules of a JSON array.
     *
     * @throws IllegalArgumentException if it is none; the message names the fault
     */
    static List<Grant> read(String json) {
        return read(json, Grants::ofRules);
    }

    /** Returns the rights of one bearer; otherwise as {@link #read}. */
    static List<Grant> readRights(String json) {
        return read(json, Grants::ofClaim);
    }

    private static List<Grant> read(String json, Function<Object, List<Grant>> reader) {
        try {
            return reader.apply(parse(json));
        } catch (JsonParsingException e) {
            throw new IllegalArgumentException(
                    "no JSON at line " + e.getLocation().getLineNumber(), e);
        } catch (JsonException e) {
            throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Object parse(String text) {
        try (JsonReader reader = Json.createReaderFactory(NO_MEMBER_TWICE).createReader(new StringReader(text))) {
            return plain(reader.readValue());
        }
    }

    /** Returns maps, lists and strings; other values as they are. */
    private static Object plain(JsonValue value) {
        return switch (value.getValueType()) {
            case OBJECT -> {
                Map<String, Object> members = new LinkedHashMap<>();
                value.asJsonObject().forEach((name, member) -> members.put(name, plain(member)));
                yield members;
            }
            case ARRAY -> {
                List<Object> elements = new ArrayList<>();
                value.asJsonArray().forEach(element -> elements.add(plain(element)));
                yield elements;
            }
            case STRING -> ((JsonString) value).getString();
            case NUMBER, TRUE, FALSE, NULL -> value;
        };
    }
}
