package dev.tutti.http;

import dev.tutti.http.StatisticsJson.Counts;
import dev.tutti.http.StatisticsJson.Limit;
import dev.tutti.http.StatisticsJson.OpenDocument;
import dev.tutti.http.StatisticsJson.OpenDocuments;
import dev.tutti.http.StatisticsJson.Refusals;
import dev.tutti.http.StatisticsJson.Rooms;
import dev.tutti.http.StatisticsJson.ServerFigures;
import dev.tutti.http.StatisticsJson.Share;
import dev.tutti.http.StatisticsJson.Slow;
import dev.tutti.http.StatisticsJson.Token;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.hub.RoomUsage;
import dev.tutti.statistics.Statistics;
import dev.tutti.statistics.Totals;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the statistics of several servers. A room or document that several of them have is one: its clients are added, and its messages, which each of
 * these servers delivers, are not. Stateless.
 */
final class StatisticsSum {
    private static final Comparator<RoomUsage> LARGER_ROOM =
            Comparator.comparingInt(RoomUsage::clients).thenComparingLong(RoomUsage::retained);
    private static final Comparator<RoomUsage> BUSIER_ROOM =
            Comparator.comparingLong(RoomUsage::perMinute).thenComparingInt(RoomUsage::clients);
    private static final Comparator<OpenDocument> LARGER_DOCUMENT =
            Comparator.comparingLong(OpenDocument::bytes).thenComparingInt(OpenDocument::clients);
    private static final Comparator<OpenDocument> BUSIER_DOCUMENT =
            Comparator.comparingLong(OpenDocument::perMinute).thenComparing(LARGER_DOCUMENT);

    private StatisticsSum() {}

    /** Returns the figures of all servers, by name. */
    static List<ServerFigures> servers(List<StatisticsJson> all) {
        return all.stream()
                .flatMap(one -> one.servers().stream())
                .sorted(Comparator.comparing(ServerFigures::name).thenComparing(ServerFigures::started))
                .toList();
    }

    /** @param all not empty; samples of the result have the time of the first */
    static StatisticsJson of(List<StatisticsJson> all, int missing) {
        return new StatisticsJson(
                all.get(0).server(),
                servers(all),
                missing,
                merge(all, StatisticsJson::endpoints, Totals.Endpoint::endpoint, StatisticsSum::add),
                merge(all, StatisticsJson::protocols, Totals.Traffic::protocol, StatisticsSum::add),
                counts(all),
                merge(all, StatisticsJson::budget, Share::share, StatisticsSum::add),
                new Refusals(
                        merge(all, one -> one.refusals().limits(), Limit::limit, StatisticsSum::add),
                        merge(all, one -> one.refusals().tokens(), Token::result, StatisticsSum::add)),
                store(all),
                all.stream().map(StatisticsJson::webhooks).reduce(null, StatisticsSum::add),
                new Rooms(
                        rooms(all, one -> one.rooms().largest(), LARGER_ROOM),
                        rooms(all, one -> one.rooms().busiest(), BUSIER_ROOM)),
                new OpenDocuments(
                        documents(all, one -> one.documents().largest(), LARGER_DOCUMENT),
                        documents(all, one -> one.documents().busiest(), BUSIER_DOCUMENT)),
                slow(all),
                SampleSum.of(all));
    }

    private static <T> List<T> merge(
            List<StatisticsJson> all,
            Function<StatisticsJson, List<T>> list,
            Function<T, String> key,
            BinaryOperator<T> add) {
        Map<String, T> byKey = new LinkedHashMap<>();
        all.forEach(one -> list.apply(one).forEach(item -> byKey.merge(key.apply(item), item, add)));
        return List.copyOf(byKey.values());
    }

    private static <T> List<T> first(List<T> items, Comparator<T> order) {
        return items.stream().sorted(order.reversed()).limit(Statistics.LISTED).toList();
    }

    private static Totals.Endpoint add(Totals.Endpoint a, Totals.Endpoint b) {
        return new Totals.Endpoint(a.endpoint(), a.open() + b.open(), a.accepted() + b.accepted());
    }

    private static Totals.Traffic add(Totals.Traffic a, Totals.Traffic b) {
        return new Totals.Traffic(a.protocol(), a.received() + b.received(), a.deliveries() + b.deliveries());
    }

    private static Share add(Share a, Share b) {
        return new Share(
                a.share(), a.usedBytes() + b.usedBytes(), a.limitBytes() + b.limitBytes(), a.refusals() + b.refusals());
    }

    private static Limit add(Limit a, Limit b) {
        return new Limit(a.limit(), a.reason(), a.count() + b.count());
    }

    private static Token add(Token a, Token b) {
        return new Token(a.result(), a.count() + b.count());
    }

    private static Totals.@Nullable Webhooks add(Totals.@Nullable Webhooks a, Totals.@Nullable Webhooks b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return new Totals.Webhooks(
                a.queuedBytes() + b.queuedBytes(),
                a.delivered() + b.delivered(),
                a.failed() + b.failed(),
                a.dropped() + b.dropped());
    }

    private static Counts counts(List<StatisticsJson> all) {
        return new Counts(
                sum(all, one -> one.counts().publications()),
                sum(all, one -> one.counts().frames()),
                sum(all, one -> one.counts().bytes()),
                sum(all, one -> one.counts().closed()),
                sum(all, one -> one.counts().evictions()));
    }

    private static Totals.Store store(List<StatisticsJson> all) {
        String kinds = all.stream().map(one -> one.store().kind()).distinct().collect(Collectors.joining(", "));
        return new Totals.Store(
                kinds,
                sum(all, one -> one.store().lagBytes()),
                sum(all, one -> one.store().commits()),
                sum(all, one -> one.store().failures()));
    }

    private static long sum(List<StatisticsJson> all, ToLongFunction<StatisticsJson> count) {
        return all.stream().mapToLong(count).sum();
    }

    private static List<RoomUsage> rooms(
            List<StatisticsJson> all, Function<StatisticsJson, List<RoomUsage>> list, Comparator<RoomUsage> order) {
        List<RoomUsage> merged = merge(
                all,
                list,
                RoomUsage::room,
                (a, b) -> new RoomUsage(
                        a.room(),
                        a.clients() + b.clients(),
                        Math.max(a.retained(), b.retained()),
                        Math.max(a.publications(), b.publications()),
                        Math.max(a.perMinute(), b.perMinute())));
        return first(merged, order);
    }

    private static List<OpenDocument> documents(
            List<StatisticsJson> all,
            Function<StatisticsJson, List<OpenDocument>> list,
            Comparator<OpenDocument> order) {
        List<OpenDocument> merged = merge(
                all,
                list,
                OpenDocument::document,
                (a, b) -> new OpenDocument(
                        a.document(),
                        a.clients() + b.clients(),
                        Math.max(a.bytes(), b.bytes()),
                        Math.max(a.perMinute(), b.perMinute())));
        return first(merged, order);
    }

    private static Slow slow(List<StatisticsJson> all) {
        List<ClientDirectory.Waiting> slowest =
                all.stream().flatMap(one -> one.slow().slowest().stream()).toList();
        return new Slow(
                (int) sum(all, one -> one.slow().clients()),
                sum(all, one -> one.slow().waitingBytes()),
                first(slowest, Comparator.comparingLong(ClientDirectory.Waiting::waitingBytes)));
    }
}
