package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.health.Check;
import dev.tutti.health.Health;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.OtherServers;
import dev.tutti.hub.OtherServers.Texts;
import dev.tutti.hub.OtherServers.Topic;
import dev.tutti.security.Gate;
import dev.tutti.security.UnavailableException;
import dev.tutti.statistics.Ranking;
import dev.tutti.statistics.Statistics;
import dev.tutti.statistics.Totals;
import jakarta.json.JsonException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statistics of this server, which others may ask for, and those of all servers. Safe for any thread; no method blocks. */
final class ServerStatistics {
    private static final Logger LOG = System.getLogger(ServerStatistics.class.getName());

    /** Another server sends samples of a longer time: its first is then before the first of this server. */
    private static final long MARGIN_MILLIS = 2_000L * Statistics.SAMPLE_SECONDS;

    private final Statistics statistics;
    private final Hub hub;
    private final Documents documents;
    private final Drain drain;
    private final Health health;
    private final Gate gate;
    private final String name;
    private final OtherServers others;

    /** Answers other servers from now on. */
    ServerStatistics(
            Statistics statistics,
            Hub hub,
            Documents documents,
            Drain drain,
            Health health,
            Gate gate,
            Administration administration) {
        this.statistics = statistics;
        this.hub = hub;
        this.documents = documents;
        this.drain = drain;
        this.health = health;
        this.gate = gate;
        this.name = administration.serverName();
        this.others = administration.others();
        others.answer(Topic.STATISTICS, this::answer);
    }

    long uptimeMillis() {
        return statistics.uptimeMillis();
    }

    /**
     * The statistics of each server that has answered.
     *
     * @param servers not empty; this one first
     * @param missing the number of servers that have not answered
     */
    record Found(List<StatisticsJson> servers, int missing) {
        StatisticsJson sum() {
            return StatisticsSum.of(servers, missing);
        }

        /**
         * Returns the statistics of one server, with the figures of all.
         *
         * @throws UnavailableException if it may be one that has not answered
         */
        StatisticsJson of(String name) {
            for (StatisticsJson one : servers) {
                if (one.server().name().equals(name)) {
                    return one.with(StatisticsSum.servers(servers), missing);
                }
            }
            if (missing > 0) {
                throw new UnavailableException("this server has not answered");
            }
            throw new ApiException(ApiError.NOT_FOUND, "there is no server of this name");
        }
    }

    /**
     * Asks all servers; one that does not answer in half a second is missing.
     *
     * @param since samples only after this uptime of this server; negative for all
     */
    CompletionStage<Found> ask(long since) {
        String last = since < 0 ? "" : Long.toString(Math.max(0, statistics.uptimeMillis() - since));
        CompletionStage<Texts> there = others.ask(Topic.STATISTICS, last).exceptionally(ServerStatistics::unreachable);
        return here(since).thenCombine(there, (own, answers) -> {
            List<StatisticsJson> servers = new ArrayList<>(List.of(own));
            for (String text : answers.list()) {
                try {
                    servers.add(TolerantRecords.read(StatisticsJson.class, text));
                } catch (JsonException e) {
                    LOG.log(Level.DEBUG, "another server has sent statistics that are no JSON", e);
                }
            }
            return new Found(servers, answers.missing() + 1 + answers.list().size() - servers.size());
        });
    }

    private static Texts unreachable(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof UnavailableException) {
            return new Texts(List.of(), 1);
        }
        throw new CompletionException(cause);
    }

    /** @param last the time of the samples in milliseconds; empty for all */
    private CompletionStage<String> answer(String last) {
        boolean isNumber = last.matches("\\d{1,18}");
        long since = isNumber ? statistics.uptimeMillis() - Long.parseLong(last) - MARGIN_MILLIS : -1;
        return here(since).thenApply(RecordJson::write);
    }

    private CompletionStage<StatisticsJson> here(long since) {
        return statistics.ranking().thenApply(ranking -> here(ranking, since));
    }

    private StatisticsJson here(Ranking ranking, long since) {
        Totals totals = statistics.totals();
        StatisticsJson.Server server =
                StatisticsJson.Server.of(name, statistics, totals, hub, documents, drain.phase());
        return StatisticsJson.of(
                server,
                StatisticsJson.ServerFigures.of(server, totals, ranking.waitingBytes(), problem(), others.lagNanos()),
                totals,
                StatisticsJson.Share.list(hub.budget()),
                StatisticsJson.Refusals.of(hub, gate),
                ranking,
                statistics.samplesAfter(since));
    }

    private @Nullable String problem() {
        String problems = health.report().checks().stream()
                .map(Check::reason)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
        return problems.isEmpty() ? null : problems;
    }
}
