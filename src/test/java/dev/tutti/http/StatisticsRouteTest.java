package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.health.Health;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Command;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Limits;
import dev.tutti.hub.OtherServers;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.metrics.Meters;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import dev.tutti.statistics.Statistics;
import dev.tutti.webhook.WebhookCounts;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /api/statistics}, without a server; {@link ApiTester} checks each answer against the description of the API. */
class StatisticsRouteTest {
    private static final Gate GATE =
            new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("")));

    private final Meters meters = new Meters(List.of(TuttiV1.PROTOCOL));
    private final Hub hub =
            new Hub(Settings.read(Limits.class, name -> null), "h", Runnable::run, 1, TimeSource.SYSTEM, meters.hub());
    private final MemoryStore store = new MemoryStore();
    private final Documents documents =
            new Documents(hub.limits(), hub.budget(), store, Runnable::run, TimeSource.SYSTEM, (task, nanos) -> {});
    private final Drain drain = new Drain(hub, (task, nanos) -> {}, CloseCode.GOING_AWAY);
    private final Statistics statistics =
            new Statistics(hub, documents, meters::totals, Runnable::run, TimeSource.SYSTEM);

    /** Another server, by the texts that it answers. */
    private static final class Others implements OtherServers {
        private final List<String> texts = new ArrayList<>();
        private int missing;

        @Override
        public CompletionStage<Integer> run(Command command) {
            return CompletableFuture.completedFuture(0);
        }

        @Override
        public CompletionStage<Texts> ask(Topic topic, String question) {
            return missing < 0
                    ? CompletableFuture.failedFuture(new UnavailableException("away"))
                    : CompletableFuture.completedFuture(new Texts(texts, missing));
        }
    }

    private final Others others = new Others();

    private ApiTester api(Permissions permissions) {
        Health health = new Health(
                hub, drain, () -> CompletableFuture.completedFuture(null), TimeSource.SYSTEM, (task, nanos) -> {});
        return ApiTester.of(Routes.of(
                hub,
                documents,
                new Administration(hub, GATE.revocations(), permissions, others),
                new Authenticator(GATE, permissions),
                health,
                drain,
                statistics,
                new DocumentRoutes.Options(true),
                new AccountRoute.Options("", "", ""),
                new Drain.Options(4, 2)));
    }

    private ApiResponse ask(String query) {
        return api(Permissions.ALLOW_ALL).ask("GET", "/api/statistics" + query);
    }

    private JsonObject read(String query) {
        ApiResponse response = ask(query);
        assertThat(response.status()).isEqualTo(200);
        try (JsonReader reader = Json.createReader(new StringReader(response.body()))) {
            return reader.readObject();
        }
    }

    private Client connect(Transport transport) {
        return hub.connect(transport, TuttiV1.PROTOCOL, "192.0.2.7", Access.unrestricted("ann"));
    }

    private static JsonObject first(JsonObject of, String list) {
        return of.getJsonArray(list).getJsonObject(0);
    }

    @Test
    void clientsAndRoomsAreCounted() {
        Client client = connect(new Slow());
        client.memberships().join("chat", null, null, null);
        var unused = hub.publish("chat", "1", null);
        connect(new Slow()).disconnected();

        JsonObject read = read("");

        JsonObject server = read.getJsonObject("server");
        assertThat(server.getInt("clients")).isOne();
        assertThat(server.getInt("rooms")).isOne();
        assertThat(server.getInt("memberships")).isOne();
        assertThat(server.getString("phase")).isEqualTo("serving");
        assertThat(first(read, "endpoints")).hasToString("{\"endpoint\":\"/connect\",\"open\":1,\"accepted\":2}");
        assertThat(read.getJsonObject("counts").getInt("publications")).isOne();
        assertThat(read.getJsonObject("counts").getInt("closed")).isOne();
        assertThat(first(read.getJsonObject("rooms"), "largest"))
                .hasToString("{\"room\":\"chat\",\"clients\":1,\"retained\":1,\"publications\":1,\"perMinute\":0}");
        assertThat(first(read.getJsonObject("rooms"), "busiest").getString("room"))
                .isEqualTo("chat");
    }

    @Test
    void slowClientsComeFirst() {
        Client slow = connect(new Slow());
        slow.memberships().join("chat", null, null, null);
        connect(new Slow()).memberships().join("other", null, null, null);
        for (int i = 0; i < 3; i++) {
            var unused = hub.publish("chat", "\"" + "x".repeat(1000) + "\"", null);
        }

        JsonObject read = read("").getJsonObject("slow");

        assertThat(read.getInt("clients")).isOne();
        JsonObject slowest = first(read, "slowest");
        assertThat(slowest.getString("client")).isEqualTo(slow.id());
        assertThat(slowest.getString("user")).isEqualTo("ann");
        assertThat(slowest.getString("address")).isEqualTo("192.0.2.7");
        assertThat(slowest.getString("endpoint")).isEqualTo("/connect");
        assertThat(slowest.getInt("waitingBytes"))
                .isEqualTo(read.getInt("waitingBytes"))
                .isGreaterThan(2000);
    }

    @Test
    void refusalsAreCountedByLimitAndShare() {
        connect(new Slow()).closeFor(LimitBreach.MESSAGE_RATE);

        JsonObject read = read("");

        assertThat(read.getJsonObject("refusals").getJsonArray("limits")).hasSize(1);
        assertThat(first(read.getJsonObject("refusals"), "limits"))
                .hasToString("{\"limit\":\"message_rate\",\"reason\":\"too many messages a second\",\"count\":1}");
        assertThat(first(read, "budget").getString("share")).isEqualTo("input");
        assertThat(first(read, "budget").getJsonNumber("limitBytes").longValue())
                .isEqualTo(hub.budget().limitBytes(Budget.Share.INPUT));
        assertThat(read.getJsonObject("refusals").getJsonArray("tokens")).hasSize(4);
    }

    @Test
    void storeAndWebhooksAreShown() {
        assertThat(read("").getJsonObject("store").getString("kind")).isEqualTo("none");
        assertThat(read("").get("webhooks")).isEqualTo(JsonValue.NULL);

        meters.documents(store).committed(3, 1);
        meters.webhooks(new WebhookCounts());

        assertThat(read("").getJsonObject("store"))
                .hasToString("{\"kind\":\"memory\",\"lagBytes\":0,\"commits\":1,\"failures\":0}");
        assertThat(read("").getJsonObject("webhooks"))
                .hasToString("{\"queuedBytes\":0,\"delivered\":0,\"failed\":0,\"dropped\":0}");
    }

    @Test
    void readerGetsOnlyNewSamples() {
        JsonArray all = read("").getJsonArray("samples");
        assertThat(all).hasSize(1);
        assertThat(read("?since=" + all.getJsonObject(0).getInt("uptimeMillis")).getJsonArray("samples"))
                .isEmpty();
        assertThat(read("?last=900000").getJsonArray("samples")).hasSize(1);
    }

    @Test
    void drainIsShown() {
        connect(new Slow());
        var unused = drain.begin(new Drain.Options(4, 2));

        assertThat(read("").getJsonObject("server").getString("phase")).isEqualTo("grace");
    }

    /** Makes another server answer as this one, which has one client, but with another name and more connections. */
    private void addOther(String name) {
        others.texts.add(api(Permissions.ALLOW_ALL)
                .ask("GET", "/api/statistics")
                .body()
                .replace("\"name\":\"h\"", "\"name\":\"" + name + "\"")
                .replace("\"/connect\",\"open\":1", "\"/connect\",\"open\":10"));
    }

    @Test
    void figuresOfAllServersAreAdded() {
        connect(new Slow()).memberships().join("chat", null, null, null);
        var unused = hub.publish("chat", "1", null);
        addOther("b");
        others.texts.add("no JSON");
        others.missing = 1;

        JsonObject read = read("");

        assertThat(read.getJsonObject("server").getString("name")).isEqualTo("h");
        assertThat(read.getJsonArray("servers"))
                .extracting(one -> one.asJsonObject().getString("name"))
                .containsExactly("b", "h");
        assertThat(read.getInt("missing")).isEqualTo(2);
        assertThat(first(read, "endpoints").getInt("open")).isEqualTo(11);
        assertThat(first(read.getJsonObject("rooms"), "largest"))
                .as("two servers deliver one publication")
                .hasToString("{\"room\":\"chat\",\"clients\":2,\"retained\":1,\"publications\":1,\"perMinute\":0}");
        assertThat(read.getJsonObject("counts").getInt("publications")).isEqualTo(2);
    }

    @Test
    void serverIsChosenByName() {
        connect(new Slow());
        addOther("b");

        JsonObject read = read("?server=b");

        assertThat(read.getJsonObject("server").getString("name")).isEqualTo("b");
        assertThat(first(read, "endpoints").getInt("open")).isEqualTo(10);
        assertThat(read.getJsonArray("servers")).hasSize(2);
        assertThat(ask("?server=c").status()).isEqualTo(404);
        others.missing = 1;
        assertThat(ask("?server=c").status()).isEqualTo(503);
        assertThat(ask("?server=h").status()).isEqualTo(200);
    }

    @Test
    void serverAnswersAloneWhileOthersAreAway() {
        others.missing = -1;

        JsonObject read = read("");

        assertThat(read.getJsonArray("servers")).hasSize(1);
        assertThat(read.getInt("missing")).isOne();
        assertThat(first(read, "servers").get("problem")).isEqualTo(JsonValue.NULL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5", "x", "1234567890123456789"})
    void otherSinceIsRefused(String since) {
        assertThat(api(Permissions.ALLOW_ALL)
                        .ask("GET", "/api/statistics?since=" + since)
                        .status())
                .isEqualTo(400);
    }

    @Test
    void othersThanAdministratorsSeeNothing() {
        ApiResponse response =
                api((identity, action, resource) -> action != Action.ADMIN).ask("GET", "/api/statistics");

        assertThat(response.status()).isEqualTo(403);
    }

    /** A connection whose first send stays in flight. */
    private static final class Slow implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    }
}
