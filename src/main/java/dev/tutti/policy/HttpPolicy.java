package dev.tutti.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.remote.HttpCalls;
import dev.tutti.security.AccessPolicy;
import dev.tutti.security.Action;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Asks another application by HTTP: {@code POST {"user":"ann","roles":["blue"],"kind":"room","name":"plan"}} is answered with {@code
 * {"may":["read","write"]}}. Anything else is a failure. Blocks its caller. Safe for any thread.
 */
public final class HttpPolicy implements AccessPolicy {
    /** The longest answer; the words of all actions need less. */
    private static final int MAX_BYTES = 4096;

    private static final Map<String, String> HEADERS =
            Map.of("Content-Type", "application/json", "Accept", "application/json");

    private final HttpCalls calls;

    /**
     * Asks the application at the address of the settings.
     *
     * @throws IllegalArgumentException if that is no HTTP address
     */
    public HttpPolicy(PolicyOptions options, LongSupplier nanoTime) {
        calls = new HttpCalls(
                HttpCalls.address("access-url", options.accessUrl()),
                new HttpCalls.Limits(options.accessAnswerSeconds() * 1_000, options.answerNanos(), MAX_BYTES),
                nanoTime);
    }

    @Override
    public CompletionStage<Set<Action>> decide(Question question) {
        try {
            return CompletableFuture.completedFuture(
                    granted(calls.post(HEADERS, json(question).getBytes(UTF_8))));
        } catch (IOException | RuntimeException e) { // the JDK throws anything when another thread disconnects
            return CompletableFuture.failedFuture(e);
        }
    }

    private static String json(Question question) {
        return Json.createObjectBuilder()
                .add("user", question.user())
                .add("roles", Json.createArrayBuilder(question.roles()))
                .add("kind", question.resource().kind().name().toLowerCase(Locale.ROOT))
                .add("name", question.resource().name())
                .build()
                .toString();
    }

    /** Ends the calls that take too long. Does not block. */
    void abortLate() {
        calls.abortLate();
    }

    /** Ends all calls, and refuses later ones. */
    void stop() {
        calls.stop();
    }

    /** @throws IllegalArgumentException if this is no answer; an unknown word may mean anything */
    private static Set<Action> granted(String answer) {
        try (JsonReader reader = Json.createReader(new StringReader(answer))) {
            JsonObject object = reader.readObject();
            JsonArray may = object.getJsonArray("may");
            if (may == null) {
                throw new IllegalArgumentException("the answer about access lacks 'may'");
            }
            Set<Action> granted = EnumSet.noneOf(Action.class);
            for (JsonValue word : may) {
                granted.add(action(word));
            }
            return granted;
        } catch (JsonException | ClassCastException e) {
            throw new IllegalArgumentException("the answer about access is not {\"may\":[...]}", e);
        }
    }

    private static Action action(JsonValue word) {
        Action action = word instanceof JsonString text ? Action.ofWord(text.getString()) : null;
        if (action == null) {
            throw new IllegalArgumentException("the answer about access grants something unknown");
        }
        return action;
    }

    @Override
    public String toString() {
        return "the application at " + calls;
    }
}
