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
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the setting {@code rules}. Stateless. */
final class RulesJson {
    private static final Map<String, Object> NO_MEMBER_TWICE =
            Map.of(JsonConfig.KEY_STRATEGY, JsonConfig.KeyStrategy.NONE);

    private RulesJson() {}

    /**
     * Returns the rules of a setting: a JSON array, or the name of a file with one.
     *
     * @throws IllegalArgumentException if they cannot be read; the message names the setting and the fault
     */
    static List<Grant> read(String setting) {
        boolean isJson = setting.stripLeading().startsWith("[");
        try {
            return Grants.ofRules(parse(isJson ? setting : Files.readString(Path.of(setting))));
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("rules: the file " + setting + " cannot be read", e);
        } catch (JsonParsingException e) {
            throw new IllegalArgumentException(
                    "rules: no JSON at line " + e.getLocation().getLineNumber(), e);
        } catch (JsonException | IllegalArgumentException e) {
            throw new IllegalArgumentException("rules: " + e.getMessage(), e);
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
