package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.hub.Budget;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.RoomUsage;
import dev.tutti.security.Gate;
import dev.tutti.security.TokenResult;
import dev.tutti.settings.Version;
import dev.tutti.statistics.Ranking;
import dev.tutti.statistics.Sample;
import dev.tutti.statistics.Statistics;
import dev.tutti.statistics.Totals;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code GET /api/statistics}. Its counts grow from the start of the server; a reader finds a rate from two answers. Immutable.
 *
 * @param webhooks null if there is no receiver
 * @param samples one every {@value Statistics#SAMPLE_SECONDS} seconds
 */
record StatisticsJson(
        Server server,
        List<Totals.Endpoint> endpoints,
        List<Totals.Traffic> protocols,
        Counts counts,
        List<Share> budget,
        Refusals refusals,
        Totals.Store store,
        @OptionalMember Totals.@Nullable Webhooks webhooks,
        Rooms rooms,
        OpenDocuments documents,
        Slow slow,
        List<Sample> samples) {
    /** The server now; {@code phase} is that of a drain, {@code memberships} those of clients in rooms. */
    record Server(
            String version,
            Instant started,
            long uptimeMillis,
            String phase,
            int clients,
            int rooms,
            long memberships,
            int documents) {
        static Server of(Statistics statistics, Totals totals, Hub hub, Documents documents, Drain.Phase phase) {
            return new Server(
                    Version.get(),
                    Instant.ofEpochMilli(statistics.startMillis()),
                    statistics.uptimeMillis(),
                    phase.name().toLowerCase(Locale.ROOT),
                    hub.clientCount(),
                    hub.roomCount(),
                    totals.memberships(),
                    documents.count());
        }
    }

    /** Publications, frames and bytes that were sent, ended connections, and those of them that were closed to free memory. */
    record Counts(long publications, long frames, long bytes, long closed, long evictions) {}

    /** The refusals of the server. Limits that nobody has exceeded are left out. */
    record Refusals(List<Limit> limits, List<Token> tokens) {
        static Refusals of(Hub hub, Gate gate) {
            return new Refusals(
                    Stream.of(LimitBreach.values())
                            .map(limit -> new Limit(
                                    limit.name().toLowerCase(Locale.ROOT),
                                    limit.reason(),
                                    hub.breaches().total(limit)))
                            .filter(limit -> limit.count() > 0)
                            .toList(),
                    Stream.of(TokenResult.values())
                            .map(result -> new Token(result.label(), gate.tokens(result)))
                            .toList());
        }
    }

    /** A limit that clients exceeded {@code count} times; {@code reason} is the reason in their close frame or answer. */
    record Limit(String limit, String reason, long count) {}

    /** A share of the memory budget. */
    record Share(String share, long usedBytes, long limitBytes, long refusals) {
        static List<Share> list(Budget budget) {
            return Stream.of(Budget.Share.values())
                    .map(share -> new Share(
                            share.label(), budget.usedBytes(share), budget.limitBytes(share), budget.breaches(share)))
                    .toList();
        }
    }

    /** The tokens with a result. */
    record Token(String result, long count) {}

    /** The rooms with most clients, and those with most publications. */
    record Rooms(List<RoomUsage> largest, List<RoomUsage> busiest) {}

    /** The documents that take most memory, and those that change most. */
    record OpenDocuments(List<OpenDocument> largest, List<OpenDocument> busiest) {}

    /** A document in memory. */
    record OpenDocument(String document, int clients, long bytes, long perMinute) {
        static List<OpenDocument> list(List<Documents.Open> documents) {
            return documents.stream()
                    .map(one -> new OpenDocument(one.name(), one.clients(), one.bytes(), one.changesPerMinute()))
                    .toList();
        }
    }

    /** The number of clients for which something waits, the bytes that wait for all of them, and those for which most waits. */
    record Slow(int clients, long waitingBytes, List<ClientDirectory.Waiting> slowest) {}

    static StatisticsJson of(
            Server server,
            Totals totals,
            List<Share> budget,
            Refusals refusals,
            Ranking ranking,
            List<Sample> samples) {
        return new StatisticsJson(
                server,
                totals.endpoints(),
                totals.protocols(),
                new Counts(totals.publications(), totals.frames(), totals.bytes(), totals.closed(), totals.evictions()),
                budget,
                refusals,
                totals.store(),
                totals.webhooks(),
                new Rooms(ranking.largestRooms(), ranking.busiestRooms()),
                new OpenDocuments(
                        OpenDocument.list(ranking.largestDocuments()), OpenDocument.list(ranking.busiestDocuments())),
                new Slow(ranking.slowClients(), ranking.waitingBytes(), ranking.slowestClients()),
                samples);
    }
}
