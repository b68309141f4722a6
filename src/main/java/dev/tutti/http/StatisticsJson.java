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
 * The body of {@code GET /api/statistics}: of one server, or the sum of all. Its counts grow from the start of each server; a reader finds a rate from two
 * answers. Immutable.
 *
 * @param server the one that is asked about, or else the one that answers; samples have the time of its clock
 * @param servers all that have answered, by name
 * @param missing the number of servers that have not answered
 * @param webhooks null if there is no receiver
 * @param samples one every {@value Statistics#SAMPLE_SECONDS} seconds
 */
record StatisticsJson(
        Server server,
        List<ServerFigures> servers,
        int missing,
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
            String name,
            String version,
            Instant started,
            long uptimeMillis,
            String phase,
            int clients,
            int rooms,
            long memberships,
            int documents) {
        static Server of(
                String name, Statistics statistics, Totals totals, Hub hub, Documents documents, Drain.Phase phase) {
            return new Server(
                    name,
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

    /**
     * A server of several.
     *
     * @param problem why it should not get more clients; null if it should
     * @param lagMicros how long a message takes from it to the others and back
     */
    record ServerFigures(
            String name,
            String version,
            Instant started,
            long uptimeMillis,
            String phase,
            @OptionalMember @Nullable String problem,
            int clients,
            int rooms,
            long memberships,
            int documents,
            long received,
            long publications,
            long deliveries,
            long bytes,
            long waitingBytes,
            long lagMicros) {
        static ServerFigures of(
                Server server, Totals totals, long waitingBytes, @Nullable String problem, long lagNanos) {
            return new ServerFigures(
                    server.name,
                    server.version,
                    server.started,
                    server.uptimeMillis,
                    server.phase,
                    problem,
                    server.clients,
                    server.rooms,
                    server.memberships,
                    server.documents,
                    totals.received(),
                    totals.publications(),
                    totals.deliveries(),
                    totals.bytes(),
                    waitingBytes,
                    lagNanos / 1_000);
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

    /** Returns the figures of one server. */
    static StatisticsJson of(
            Server server,
            ServerFigures figures,
            Totals totals,
            List<Share> budget,
            Refusals refusals,
            Ranking ranking,
            List<Sample> samples) {
        return new StatisticsJson(
                server,
                List.of(figures),
                0,
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

    /** Returns the same with the figures of all servers. */
    StatisticsJson with(List<ServerFigures> all, int notAnswered) {
        return new StatisticsJson(
                server,
                all,
                notAnswered,
                endpoints,
                protocols,
                counts,
                budget,
                refusals,
                store,
                webhooks,
                rooms,
                documents,
                slow,
                samples);
    }
}
