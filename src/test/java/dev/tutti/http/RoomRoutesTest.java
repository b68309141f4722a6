package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.health.Health;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Budget;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The routes about rooms and publications, without a server. */
class RoomRoutesTest {
    private static final Gate GATE =
            new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("")));
    private static final String PUBLICATIONS = "/api/rooms/chat/publications";

    private final Hub hub = hub(Map.of());
    private final ApiTester api = api(hub, Permissions.ALLOW_ALL);

    private static Hub hub(Map<String, String> settings) {
        return new Hub(Settings.read(Limits.class, settings::get), "h", Runnable::run, 1, TimeSource.SYSTEM);
    }

    private static ApiTester api(Hub hub, Permissions permissions) {
        Documents documents = new Documents(
                hub.limits(), hub.budget(), new MemoryStore(), Runnable::run, TimeSource.SYSTEM, (task, nanos) -> {});
        Drain drain = new Drain(hub, (task, nanos) -> {}, CloseCode.GOING_AWAY);
        Health health = new Health(
                hub, drain, () -> CompletableFuture.completedFuture(null), TimeSource.SYSTEM, (task, nanos) -> {});
        return ApiTester.of(Routes.of(
                hub,
                documents,
                new Administration(hub, GATE.revocations(), permissions),
                new Authenticator(GATE, permissions),
                health,
                drain,
                TestStatistics.of(hub, documents),
                new DocumentRoutes.Options(true),
                new AccountRoute.Options("", "", ""),
                new Drain.Options(4, 2)));
    }

    private ApiResponse publish(String json) {
        return api.json("POST", PUBLICATIONS, json);
    }

    @Test
    void publicationIsRetainedInTheCallersName() {
        assertThat(publish("{'data':{'n':1}}").body()).isEqualTo("{\"position\":{\"epoch\":\"h-1\",\"offset\":1}}");

        assertThat(api.ask("GET", PUBLICATIONS).body())
                .contains("\"from\":{\"client\":\"http\",\"user\":\"http\"},\"data\":{\"n\":1}")
                .startsWith("{\"position\":{\"epoch\":\"h-1\",\"offset\":1},\"earliest\":1,\"recovered\":true,");
    }

    @Test
    void keyIsPublishedOnce() {
        publish("{'data':1,'key':'a'}");
        publish("{'data':1,'key':'b'}");

        assertThat(publish("{'data':2,'key':'a'}").body()).contains("\"offset\":1");
        assertThat(publish("{'data':3}").body()).contains("\"offset\":3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "null",
                "true",
                "\"text\"",
                "[1,[2]]",
                "{\"a\":{}}",
                "1.50",
                "123456789012345678901234567890"
            })
    void everyJsonValueIsData(String data) {
        publish("{'data':" + data + "}");

        assertThat(api.ask("GET", PUBLICATIONS).body()).contains("\"data\":" + data);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; data is missing",
                "[]; the body is not one JSON object in UTF-8",
                "{'data':1; the body is not one JSON object in UTF-8",
                "{'data':1} 2; the body is not one JSON object in UTF-8",
                "{'data':1,'data':2}; the body is not one JSON object in UTF-8",
                "{'data':1,'key':7}; key is not a string",
                "{'data':1,'key':''}; key has 1 to 64 characters",
                "{'data':1,'kay':'a'}; there is no member of the name 'kay'",
            })
    void badBodyIsExplained(String body, String message) {
        ApiResponse response = publish(body);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains(message);
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void largeDataIsRefused() {
        int max = hub.limits().maxMessageBytes();

        assertThat(publish("{'data':'" + "x".repeat(max - 2) + "'}").status()).isEqualTo(200);
        assertThat(publish("{'data':'" + "x".repeat(max - 1) + "'}").status()).isEqualTo(413);
        assertThat(publish("{'data':'" + "x".repeat(2 * max) + "'}").status()).isEqualTo(413);
    }

    @Test
    void bodyOfAnotherTypeIsRefused() {
        api.header("Content-Type", "text/plain");
        assertThat(api.ask("POST", PUBLICATIONS, "{\"data\":1}".getBytes(UTF_8)).status())
                .isEqualTo(415);
        api.header("Content-Type", "application/json; charset=utf-8");
        assertThat(api.ask("POST", PUBLICATIONS, "{\"data\":1}".getBytes(UTF_8)).status())
                .isEqualTo(200);
    }

    @Test
    void pageOfAnotherSitePublishesNothing() {
        api.origin("https://elsewhere.example");

        assertThat(publish("{'data':1}").status()).isEqualTo(403);
        assertThat(api.ask("DELETE", PUBLICATIONS).status()).isEqualTo(403);
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void memoryOfABodyIsReservedAndReleased() {
        Hub small = hub(Map.of("memory-budget", "40000"));
        ApiTester tester = api(small, Permissions.ALLOW_ALL).header("Content-Length", "9000");

        assertThat(tester.json("POST", PUBLICATIONS, "{'data':1}").status()).isEqualTo(503);
        tester.header("Content-Length", "10");
        for (int i = 0; i < 1_000; i++) {
            assertThat(tester.json("POST", PUBLICATIONS, "{'data':1}").status()).isEqualTo(200);
        }
        assertThat(small.budget().usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void severalRoomsArePublishedAtOnce() {
        ApiResponse response = api.json(
                "POST",
                "/api/publications",
                "{'publications':[{'room':'a','data':1},{'room':'b','data':2,'key':'k'},{'room':'a','data':3}]}");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body())
                .contains(
                        "{\"room\":\"a\",\"position\":{\"epoch\":\"h-1\",\"offset\":2},\"error\":null,\"message\":null}");
        assertThat(api.ask("GET", "/api/rooms/a").body())
                .isEqualTo("{\"room\":\"a\",\"count\":0,\"position\":{\"epoch\":\"h-1\",\"offset\":2}}");
    }

    @Test
    void tooManyPublicationsAreRefused() {
        String one = "{'room':'a','data':1}";
        String all = IntStream.range(0, 101).mapToObj(i -> one).collect(Collectors.joining(","));

        assertThat(api.json("POST", "/api/publications", "{'publications':[" + all + "]}")
                        .status())
                .isEqualTo(400);
        assertThat(api.json("POST", "/api/publications", "{'publications':[]}").status())
                .isEqualTo(400);
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void oneForbiddenRoomPublishesNothing() {
        ApiTester tester = api(hub, (identity, action, resource) -> resource.equals(Resource.room("a")));

        assertThat(tester.json(
                                "POST",
                                "/api/publications",
                                "{'publications':[{'room':'a','data':1},{'room':'b','data':2}]}")
                        .status())
                .isEqualTo(403);
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void roomsAreListedByPages() {
        for (String room : new String[] {"b", "a1", "a2", "c"}) {
            api.json("POST", "/api/rooms/" + room + "/publications", "{'data':1}");
        }

        assertThat(api.ask("GET", "/api/rooms?limit=3").body())
                .isEqualTo("{\"rooms\":[\"a1\",\"a2\",\"b\"],\"more\":true}");
        assertThat(api.ask("GET", "/api/rooms?after=b").body()).isEqualTo("{\"rooms\":[\"c\"],\"more\":false}");
        assertThat(api.ask("GET", "/api/rooms?prefix=a&limit=1").body())
                .isEqualTo("{\"rooms\":[\"a1\"],\"more\":true}");
    }

    @Test
    void historyIsReadFromAPosition() {
        for (int i = 1; i <= 5; i++) {
            publish("{'data':" + i + "}");
        }

        assertThat(api.ask("GET", PUBLICATIONS + "?since=h-1:3&limit=1").body())
                .contains("\"data\":4", "\"more\":true", "\"recovered\":true");
        assertThat(api.ask("GET", PUBLICATIONS + "?before=h-1:3&limit=1").body())
                .contains("\"data\":2");
        assertThat(api.ask("GET", PUBLICATIONS + "?since=other:3").body()).contains("\"recovered\":false");
        assertThat(api.ask("GET", "/api/rooms/nobody/publications").body())
                .isEqualTo("{\"position\":null,\"earliest\":1,\"recovered\":true,\"publications\":[],\"more\":false}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"since=3", "since=:3", "since=h-1:x", "before=h-1:-1", "since=a:1&before=a:2", "limit=0"})
    void badPositionIsABadRequest(String query) {
        assertThat(api.ask("GET", PUBLICATIONS + "?" + query).status()).isEqualTo(400);
    }

    @Test
    void deletedHistoryIsGone() {
        publish("{'data':1}");

        assertThat(api.ask("DELETE", PUBLICATIONS).status()).isEqualTo(204);
        assertThat(api.ask("GET", PUBLICATIONS + "?since=h-1:0").body())
                .contains("\"publications\":[]", "\"recovered\":false");
        assertThat(api.ask("DELETE", "/api/rooms/nobody/publications").status()).isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/rooms/chat/publications, WRITE",
        "GET, /api/rooms/chat/publications, READ",
        "GET, /api/rooms/chat, READ",
        "GET, /api/rooms/chat/members, PRESENCE",
        "DELETE, /api/rooms/chat/publications, MANAGE",
        "GET, /api/rooms, ADMIN",
    })
    void eachRouteNeedsItsRightAlone(String method, String path, Action right) {
        ApiTester with = api(hub, (identity, action, resource) -> action == right);
        ApiTester without = api(hub, (identity, action, resource) -> action != right);

        assertThat(with.json(method, path, "{'data':1}").status()).isIn(200, 204);
        assertThat(without.json(method, path, "{'data':1}").status()).isEqualTo(403);
    }

    @Test
    void countNeedsTheRightToPresence() {
        ApiTester reader = api(hub, (identity, action, resource) -> action == Action.READ);

        assertThat(reader.ask("GET", "/api/rooms/chat").body()).contains("\"count\":null");
    }

    @Test
    void guestsShareTheRateOfTheirAddress() {
        ApiTester tester = api(hub(Map.of("max-messages-per-second-per-user", "1")), Permissions.ALLOW_ALL);
        ApiResponse refused = Stream.generate(() -> tester.ask("GET", "/api/rooms"))
                .limit(100)
                .filter(answer -> answer.status() != 200)
                .findFirst()
                .orElseThrow();

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.headers()).containsEntry("Retry-After", "1");
        assertThat(tester.from("192.0.2.2").ask("GET", "/api/rooms").status()).isEqualTo(200);
    }

    @Test
    void connectionsAreListedByPages() {
        for (String user : new String[] {"ann", "ben", "ann"}) {
            hub.connect(new Silent(), TuttiV1.PROTOCOL, "192.0.2.7", Access.unrestricted(user));
        }

        assertThat(api.ask("GET", "/api/clients?user=ann&limit=1").body())
                .isEqualTo("{\"clients\":[{\"client\":\"h-1\",\"user\":\"ann\",\"way\":\"container\","
                        + "\"address\":\"192.0.2.7\",\"rooms\":0}],\"more\":true}");
        assertThat(api.ask("GET", "/api/clients?user=ann&after=h-1").body()).contains("h-3", "\"more\":false");
        assertThat(api.ask("GET", "/api/clients").body()).contains("h-1", "h-2", "h-3");
    }

    @Test
    void batchAnswersEachRequest() {
        ApiResponse response = api.json(
                "POST",
                "/api/batch",
                "{'requests':[{'method':'POST','path':'/api/rooms/a/publications','body':{'data':1}},"
                        + "{'method':'DELETE','path':'/api/rooms/a/publications'},"
                        + "{'method':'POST','path':'/api/rooms/a/publications','body':{'dat':1}},"
                        + "{'method':'DELETE','path':'/api/clients/none'}]}");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body())
                .contains(
                        "{\"status\":200,\"body\":{\"position\":{\"epoch\":\"h-1\",\"offset\":1}}},{\"status\":204,\"body\":null}")
                .contains("\"status\":400", "\"status\":404");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'method':'POST','path':'/api/batch','body':{'requests':[]}}",
                "{'method':'POST','path':'/api/batch?a=b','body':{'requests':[]}}",
                "{'method':'GET','path':'/api/rooms'}",
                "{'method':'POST','path':'/health'}",
                "{'method':'POST'}",
                "7",
            })
    void batchTakesChangesOfTheApiAlone(String request) {
        assertThat(api.json("POST", "/api/batch", "{'requests':[" + request + "]}")
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/%62atch", "/api//batch", "/api/./batch", "/api/batch/", "/api/batch#a"})
    void batchInABatchIsNotFoundByOtherNames(String path) {
        assertThat(api.json(
                                "POST",
                                "/api/batch",
                                "{'requests':[{'method':'POST','path':'" + path + "','body':{'requests':[]}}]}")
                        .body())
                .doesNotContain("answers\":[{\"status\":200");
    }

    @Test
    void batchIsBounded() {
        String one = "{'method':'DELETE','path':'/api/clients/none'}";
        String all = IntStream.range(0, 101).mapToObj(i -> one).collect(Collectors.joining(","));

        assertThat(api.json("POST", "/api/batch", "{'requests':[" + all + "]}").status())
                .isEqualTo(400);
        assertThat(api.json("POST", "/api/batch", "{'requests':['" + "x".repeat(1 << 20) + "']}")
                        .status())
                .isEqualTo(413);
    }

    @Test
    void batchAllowsNothingMore() {
        ApiTester writer = api(hub, (identity, action, resource) -> action == Action.WRITE);

        assertThat(writer.json("POST", "/api/batch", "{'requests':[{'method':'DELETE','path':'/api/clients/none'}]}")
                        .body())
                .contains("\"status\":403");
    }

    /** A connection that takes everything and reports nothing. */
    private static final class Silent implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            return 1;
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    }
}
