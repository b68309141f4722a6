package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.http.OpenApiChecker;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples of docs/http-api.md against a server, in their order: each command, and below it the status and the form of the answer. */
class HttpApiExamplesIT {
    private static final Path PAGE = Path.of("docs/http-api.md");
    private static final Pattern EXAMPLE = Pattern.compile("(?m)^(curl .*)\\n# (\\d+)(?: (.*))?$");
    private static final Pattern TARGET = Pattern.compile("http://localhost:8000(/[^' ]*)");

    private static final Pattern VERSION = Pattern.compile("\"id\":\"(\\d{13}[an])\"");

    /** Client 1 writes "hi" into the text "t". */
    private static final byte[] UPDATE = HexFormat.of().parseHex("010101000401017402686900");

    @TempDir
    Path directory;

    private record Example(String command, int status, String body, String contentType) {
        String method() {
            Matcher given = Pattern.compile("-X (\\w+)").matcher(command);
            return given.find()
                    ? given.group(1)
                    : command.contains("--json") || command.contains("--data") ? "POST" : "GET";
        }
    }

    @Test
    void everyExampleIsAnsweredAsThePageShows() throws Exception {
        String page = Files.readString(PAGE);
        List<Example> examples = examples(page);
        assertThat(page.lines().filter(line -> line.startsWith("curl "))).hasSameSizeAs(examples);
        Files.write(directory.resolve("update.bin"), UPDATE);
        try (TestServer server = TestServer.start(Map.of());
                Peer member = Peer.open(server.port(), "/ws/orders")) {
            OpenApiChecker checker = OpenApiChecker.of(
                    run(server, "curl http://localhost:8000/api/openapi.json").body());
            assertThat(member).isNotNull(); // the one that the page counts
            Map<String, String> ids = new HashMap<>();
            for (Example example : examples) {
                Example answer = run(server, withIds(example.command(), ids));
                assertThat(answer.status()).as(answer.toString()).isEqualTo(example.status());
                Matcher target = TARGET.matcher(example.command());
                assertThat(target.find()).isTrue();
                checker.check(example.method(), target.group(1), answer.status(), answer.contentType(), answer.body());
                if (example.body() != null) {
                    assertThat(form(parse(answer.body()))).as(example.command()).isEqualTo(form(parse(example.body())));
                    addVersion(example.body(), answer.body(), ids);
                }
            }
        }
    }

    /** The server chooses ids of versions: a command has the one that the server gave instead of the page's. */
    private static void addVersion(String shown, String answered, Map<String, String> ids) {
        Matcher inPage = VERSION.matcher(shown);
        Matcher inAnswer = VERSION.matcher(answered);
        if (inPage.find() && inAnswer.find()) {
            ids.put(inPage.group(1), inAnswer.group(1));
        }
    }

    private static String withIds(String command, Map<String, String> ids) {
        String result = command;
        for (Map.Entry<String, String> id : ids.entrySet()) {
            result = result.replace(id.getKey(), id.getValue());
        }
        return result;
    }

    private static List<Example> examples(String page) {
        List<Example> examples = new ArrayList<>();
        Matcher found = EXAMPLE.matcher(page);
        while (found.find()) {
            examples.add(new Example(found.group(1), Integer.parseInt(found.group(2)), found.group(3), ""));
        }
        return examples;
    }

    /** Runs a command by a shell; returns it with the status and the body of its answer. */
    private Example run(TestServer server, String command) throws IOException, InterruptedException {
        String script = "curl() { command curl -s -w '\\n%{http_code} %{content_type}' \"$@\"; }\n"
                + command.replace("http://localhost:8000", "http://localhost:" + server.port());
        Process shell = new ProcessBuilder("sh", "-c", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
        int last = output.lastIndexOf('\n');
        String[] result = output.substring(last + 1).split(" ", 2);
        return new Example(command, Integer.parseInt(result[0]), output.substring(0, last), result[1]);
    }

    /** Returns a value with its names alone: the values differ from run to run. */
    private static Object form(JsonValue value) {
        if (value instanceof JsonObject object) {
            List<Object> members = new ArrayList<>();
            object.forEach((name, member) -> members.add(name.equals("data") ? name : name + "=" + form(member)));
            return members;
        }
        return value instanceof JsonArray array
                ? array.stream().map(HttpApiExamplesIT::form).toList()
                : value.getValueType();
    }

    private static JsonValue parse(String json) {
        try (JsonReader reader = Json.createReader(new StringReader(json))) {
            return reader.readValue();
        }
    }
}
