package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.security.Caller;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/batch}: several requests in one (docs/http-api.md, "Several requests at once"). Each is admitted and counted as if it came
 * alone, so a batch allows nothing more. It takes requests that change something, because their answers are short. Safe for any thread.
 */
final class BatchRoute {
    static final int MAX_REQUESTS = 100;

    private static final int MAX_BYTES = 1 << 20;
    private static final String PATH = "/api/batch";
    private static final Set<String> METHODS = Set.of("POST", "DELETE");

    private final Admission admission;
    private final Function<ApiRequest, CompletionStage<ApiResponse>> routes;

    /** @param routes answers a request of the batch; its stage does not fail */
    BatchRoute(Admission admission, Function<ApiRequest, CompletionStage<ApiResponse>> routes) {
        this.admission = admission;
        this.routes = routes;
    }

    /** The requests, in their order. */
    record Batch(List<BatchRequest> requests) {
        Batch {
            if (requests.isEmpty() || requests.size() > MAX_REQUESTS) {
                throw bad("requests has 1 to " + MAX_REQUESTS + " elements");
            }
        }
    }

    /** A request; {@code path} may have a query, {@code body} is JSON. */
    record BatchRequest(
            String method,
            String path,
            @OptionalMember @Nullable JsonValue body) {
        BatchRequest {
            if (!METHODS.contains(method)) {
                throw bad("a request of a batch has the method POST or DELETE");
            }
            if (!path.startsWith("/api/") || path.split("\\?", 2)[0].equals(PATH)) {
                throw bad("a request of a batch has a path below /api, and is no batch");
            }
        }
    }

    /** The answer to a request; {@code body} is null for 204. */
    record BatchAnswer(int status, @OptionalMember @Nullable JsonValue body) {}

    /** The answers, in the order of the requests. */
    record BatchAnswers(List<BatchAnswer> answers) {}

    private static ApiException bad(String message) {
        return new ApiException(ApiError.BAD_REQUEST, message);
    }

    Route route() {
        return new Route(
                "POST",
                PATH,
                Operation.of("Several requests that change something, one after another")
                        .takes(Batch.class)
                        .answers(200, BatchAnswers.class),
                this::answer);
    }

    private CompletionStage<ApiResponse> answer(ApiCall call) {
        admission.admitToOwnPages(call.request());
        return call.json(Batch.class, MAX_BYTES)
                .thenCompose(batch -> answer(call.request(), batch.requests(), 0, new ArrayList<>()))
                .thenApply(answers -> ApiResponse.ok(new BatchAnswers(answers)));
    }

    /** Answers the requests from an index on, each after the one before. */
    private CompletionStage<List<BatchAnswer>> answer(
            ApiRequest outer, List<BatchRequest> requests, int index, List<BatchAnswer> answers) {
        if (index == requests.size()) {
            return CompletableFuture.completedFuture(answers);
        }
        return routes.apply(inner(outer, requests.get(index))).thenCompose(response -> {
            String body = response.body();
            answers.add(new BatchAnswer(response.status(), body.isEmpty() ? null : RecordJson.value(body)));
            return answer(outer, requests, index + 1, answers);
        });
    }

    private static ApiRequest inner(ApiRequest outer, BatchRequest request) {
        byte[] body =
                request.body() == null ? new byte[0] : request.body().toString().getBytes(UTF_8);
        String[] target = request.path().split("\\?", 2);
        Caller caller = outer.caller();
        Caller.Headers headers = name -> name.equalsIgnoreCase("Content-Length")
                ? List.of(Integer.toString(body.length))
                : caller.headers().get(name);
        return new ApiRequest(
                request.method(),
                target[0],
                "",
                new Caller(caller.address(), headers, target.length == 1 ? null : target[1], caller.principal()),
                new Part(body, outer.exchange()));
    }

    /** The body of a request in a batch, which has arrived with it. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Part(byte[] body, Exchange outer) implements Exchange {
        @Override
        public CompletionStage<byte[]> read(int maxBytes) {
            return body.length > maxBytes
                    ? CompletableFuture.failedFuture(Exchange.tooLarge(maxBytes))
                    : CompletableFuture.completedFuture(body);
        }

        @Override
        public void whenEnded(Runnable action) {
            outer.whenEnded(action);
        }
    }
}
