package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.security.Caller;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Sends requests to routes without a server, and checks each answer against the description of the API. Confined to a test. */
final class ApiTester {
    private final Routes routes;
    private final Map<String, String> headers = new LinkedHashMap<>(Map.of("Host", "example.org"));
    private String address = "192.0.2.1";

    private ApiTester(Routes routes) {
        this.routes = routes;
    }

    static ApiTester of(Routes routes) {
        return new ApiTester(routes);
    }

    /** Sends a header with each request; null for none. */
    ApiTester header(String name, @Nullable String value) {
        if (value == null) {
            headers.remove(name);
        } else {
            headers.put(name, value);
        }
        return this;
    }

    ApiTester origin(@Nullable String origin) {
        return header("Origin", origin);
    }

    ApiTester from(String peer) {
        address = peer;
        return this;
    }

    ApiResponse ask(String method, String target) {
        return ask(method, target, new byte[0]);
    }

    /** Sends JSON, in which an apostrophe stands for a quotation mark. */
    ApiResponse json(String method, String target, String json) {
        header("Content-Type", "application/json");
        return ask(method, target, json.replace('\'', '"').getBytes(UTF_8));
    }

    ApiResponse ask(String method, String target, byte[] body) {
        ApiResponse response = answer(method, target, new Sent(body));
        OpenApiChecker.of(answer("GET", "/api/openapi.json", new Sent(new byte[0]))
                        .body())
                .check(
                        method,
                        target,
                        response.status(),
                        response.headers().getOrDefault("Content-Type", ""),
                        response.body());
        return response;
    }

    private ApiResponse answer(String method, String target, Sent sent) {
        String[] parts = target.split("\\?", 2);
        Caller caller = Caller.of(
                address,
                name -> headers.containsKey(name) ? List.of(headers.get(name)) : List.of(),
                parts.length == 1 ? null : parts[1],
                null);
        ApiResponse response = routes.answer(new ApiRequest(method, "/app" + parts[0], "/app", caller, sent))
                .toCompletableFuture()
                .join();
        sent.atEnd.forEach(Runnable::run);
        return response;
    }

    /** A body that has arrived. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Sent(byte[] body, List<Runnable> atEnd) implements Exchange {
        Sent(byte[] body) {
            this(body, new ArrayList<>());
        }

        @Override
        public CompletionStage<byte[]> read(int maxBytes) {
            return body.length > maxBytes
                    ? CompletableFuture.failedFuture(Exchange.tooLarge(maxBytes))
                    : CompletableFuture.completedFuture(body);
        }

        @Override
        public void whenEnded(Runnable action) {
            atEnd.add(action);
        }
    }
}
