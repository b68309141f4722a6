package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.security.Action;
import java.util.concurrent.CompletionStage;

/** {@code GET /api/statistics}: what the servers do (docs/http-api.md, "Statistics"), for administrators. Safe for any thread. */
final class StatisticsRoute {
    private static final String SERVER = "server";
    private static final String SINCE = "since";
    private static final String LAST = "last";

    private final ServerStatistics statistics;
    private final Admission admission;

    StatisticsRoute(ServerStatistics statistics, Admission admission) {
        this.statistics = statistics;
        this.admission = admission;
    }

    Route route() {
        return new Route(
                "GET",
                "/api/statistics",
                Operation.of("What the servers do, and did in the last 15 minutes. Needs the right to administer")
                        .query(SERVER, Kind.TEXT, "the name of one server; the sum of all if absent")
                        .query(LAST, Kind.WHOLE_NUMBER, "only samples of the last so many milliseconds; else all")
                        .query(SINCE, Kind.WHOLE_NUMBER, "only samples after this uptime in milliseconds")
                        .answers(200, StatisticsJson.class)
                        .fails(ApiError.NOT_FOUND),
                this::show);
    }

    private CompletionStage<ApiResponse> show(ApiCall call) {
        long since = millis(call, SINCE);
        long last = millis(call, LAST);
        admission.admit(call.request()).onServer().require(Action.ADMIN);
        String server = call.query(SERVER);
        return statistics
                .ask(last < 0 ? since : Math.max(-1, statistics.uptimeMillis() - last))
                .thenApply(found -> ApiResponse.ok(server == null ? found.sum() : found.of(server)));
    }

    private static long millis(ApiCall call, String name) {
        String text = call.queryOrEmpty(name);
        if (text.isEmpty()) {
            return -1;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new ApiException(ApiError.BAD_REQUEST, name + " is a whole number of milliseconds");
        }
        return Long.parseLong(text);
    }
}
