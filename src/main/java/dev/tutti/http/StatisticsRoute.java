package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.security.Action;
import dev.tutti.security.Gate;
import dev.tutti.statistics.Ranking;
import dev.tutti.statistics.Statistics;
import dev.tutti.statistics.Totals;
import java.util.concurrent.CompletionStage;

/** {@code GET /api/statistics}: what the server does (docs/http-api.md, "Statistics"), for administrators. Safe for any thread. */
final class StatisticsRoute {
    private static final String SINCE = "since";

    private final Statistics statistics;
    private final Hub hub;
    private final Documents documents;
    private final Drain drain;
    private final Gate gate;
    private final Admission admission;

    StatisticsRoute(Statistics statistics, Hub hub, Documents documents, Drain drain, Gate gate, Admission admission) {
        this.statistics = statistics;
        this.hub = hub;
        this.documents = documents;
        this.drain = drain;
        this.gate = gate;
        this.admission = admission;
    }

    Route route() {
        return new Route(
                "GET",
                "/api/statistics",
                Operation.of("What the server does, and did in the last 15 minutes. Needs the right to administer")
                        .query(SINCE, Kind.WHOLE_NUMBER, "only samples after this uptime in milliseconds; else all")
                        .answers(200, StatisticsJson.class),
                this::show);
    }

    private CompletionStage<ApiResponse> show(ApiCall call) {
        long since = since(call);
        admission.admit(call.request()).onServer().require(Action.ADMIN);
        return statistics.ranking().thenApply(ranking -> ApiResponse.ok(json(ranking, since)));
    }

    private static long since(ApiCall call) {
        String text = call.queryOrEmpty(SINCE);
        if (text.isEmpty()) {
            return -1;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new ApiException(ApiError.BAD_REQUEST, SINCE + " is a whole number of milliseconds");
        }
        return Long.parseLong(text);
    }

    private StatisticsJson json(Ranking ranking, long since) {
        Totals totals = statistics.totals();
        return StatisticsJson.of(
                StatisticsJson.Server.of(statistics, totals, hub, documents, drain.phase()),
                totals,
                StatisticsJson.Share.list(hub.budget()),
                StatisticsJson.Refusals.of(hub, gate),
                ranking,
                statistics.samplesAfter(since));
    }
}
