package dev.tutti.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A case of {@code names.txt}: a name, and whether a room or a document can have it. Immutable.
 *
 * @param escaped as in a JSON string
 */
record NameCase(String escaped, int times, boolean valid) {
    private static final Pattern CASE = Pattern.compile("([+-]) \"(.*?)\"(?: \\* (\\d+))?(?: .*)?");

    static Stream<NameCase> all() throws IOException {
        String cases;
        try (InputStream file = Objects.requireNonNull(NameCase.class.getResourceAsStream("names.txt"))) {
            cases = new String(file.readAllBytes(), UTF_8);
        }
        return cases.lines()
                .map(CASE::matcher)
                .filter(line -> line.matches())
                .map(line -> new NameCase(
                        line.group(2),
                        line.group(3) == null ? 1 : Integer.parseInt(line.group(3)),
                        line.group(1).equals("+")));
    }

    String text() {
        try (var reader = Json.createReader(new StringReader("[\"" + escaped + "\"]"))) {
            return reader.readArray().getString(0).repeat(times);
        }
    }
}
