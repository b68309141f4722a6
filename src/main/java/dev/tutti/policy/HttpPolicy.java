package dev.tutti.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Asks another application by HTTP: {@code POST {"user":"ann","roles":["blue"],"kind":"room","name":"plan"}} is answered with {@code
 * {"may":["read","write"]}}. Anything else is a failure. Blocks its caller. Safe for any thread.
 *
 * <p>It follows no redirect, so nothing but the settings decides about the address. Not by {@code java.net.http}: its client keeps a thread of
 * its own, which a container reports as a leak.
 */
public final class HttpPolicy implements AccessPolicy {
    /** The longest answer; the words of all actions need less. */
    private static final int MAX_BYTES = 4096;

    private final URL address;
    private final int limitMillis;
    private final long limitNanos;
    private final LongSupplier nanoTime;
    /** The connections that wait for an answer, each with its deadline. */
    private final Map<HttpURLConnection, Long> open = new ConcurrentHashMap<>();

    private volatile boolean isStopped;

    /**
     * Asks the application at the address of the settings.
     *
     * @throws IllegalArgumentException if that is no HTTP address
     */
    public HttpPolicy(PolicyOptions options, LongSupplier nanoTime) {
        try {
            address = new URL(options.accessUrl());
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("access-url: '" + options.accessUrl() + "' is not an address", e);
        }
        if (!address.getProtocol().equals("http") && !address.getProtocol().equals("https")) {
            throw new IllegalArgumentException("access-url: '" + options.accessUrl() + "' is not an http address");
        }
        limitMillis = options.accessAnswerSeconds() * 1_000;
        limitNanos = options.answerNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public CompletionStage<Set<Action>> decide(Question question) {
        try {
            return CompletableFuture.completedFuture(granted(post(json(question))));
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

    private String post(String question) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.openConnection();
        open.put(connection, nanoTime.getAsLong() + limitNanos);
        try {
            return post(connection, question);
        } finally {
            open.remove(connection);
        }
    }

    /** Ends the calls that take too long: time limits of a connection do not stop an answer that arrives byte by byte. Does not block. */
    void abortLate() {
        long now = nanoTime.getAsLong();
        open.forEach((connection, deadlineNanos) -> {
            if (now - deadlineNanos >= 0) {
                connection.disconnect();
            }
        });
    }

    /** Ends all calls, and refuses later ones: a thread that waits for an answer would outlive the application. */
    void stop() {
        isStopped = true;
        open.keySet().forEach(HttpURLConnection::disconnect);
    }

    private String post(HttpURLConnection connection, String question) throws IOException {
        if (isStopped) { // read after the connection was added: either this sees it, or stop() sees the connection
            throw new IOException("the server stops");
        }
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(limitMillis);
        connection.setReadTimeout(limitMillis);
        connection.setUseCaches(false);
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty("Accept", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(question.getBytes(UTF_8));
        }
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_OK) {
            connection.disconnect();
            throw new IOException(address + " answers with status " + status);
        }
        try (InputStream in = connection.getInputStream()) {
            byte[] answer = in.readNBytes(MAX_BYTES + 1);
            if (answer.length > MAX_BYTES) {
                connection.disconnect();
                throw new IOException(address + " answers with more than " + MAX_BYTES + " bytes");
            }
            return new String(answer, UTF_8);
        }
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
        return "the application at " + address;
    }
}
