package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.document.StoreException;
import dev.tutti.health.Health;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Budget;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);
    private static final Gate GATE =
            new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("")));
    private static final AccountRoute.Options ACCOUNTS = new AccountRoute.Options("/sign-in", "", "");

    /** Client 1 writes "hi" into the text "t". */
    private static final byte[] UPDATE = HexFormat.of().parseHex("010101000401017402686900");

    private final Hub hub = new Hub(LIMITS, "h", Runnable::run, 1, TimeSource.SYSTEM);
    private final Drain drain = new Drain(hub, (task, nanos) -> {}, CloseCode.GOING_AWAY);
    private final Health health = new Health(
            hub, drain, () -> CompletableFuture.completedFuture(null), TimeSource.SYSTEM, (task, nanos) -> {});
    private final Documents documents = new Documents(
            LIMITS, hub.budget(), new MemoryStore(), Runnable::run, TimeSource.SYSTEM, (task, nanos) -> {});
    private final Administration administration = new Administration(hub, GATE.revocations(), Permissions.ALLOW_ALL);
    private final Routes routes = routes(true);

    private Routes routes(boolean manageDocuments) {
        return routes(manageDocuments, Permissions.ALLOW_ALL);
    }

    private Routes routes(boolean manageDocuments, Permissions permissions) {
        return routes(documents, new Authenticator(GATE, permissions), manageDocuments);
    }

    private Routes routes(Documents served, Authenticator authenticator, boolean manageDocuments) {
        return Routes.of(
                hub,
                served,
                administration,
                authenticator,
                health,
                drain,
                TestStatistics.of(hub, served),
                new DocumentRoutes.Options(manageDocuments),
                ACCOUNTS,
                new Drain.Options(5, 2));
    }

    private ApiResponse ask(String method, String path) {
        return ask(routes, method, path, null);
    }

    private static ApiResponse ask(Routes routes, String method, String target, @Nullable String origin) {
        return ApiTester.of(routes).origin(origin).ask(method, target);
    }

    @Test
    void healthCountsClients() {
        ApiResponse health = ask("GET", "/health");

        assertThat(health.status()).isEqualTo(200);
        assertThat(health.body()).isEqualTo("{\"status\":\"ok\",\"clients\":0}");
        assertThat(health.headers())
                .containsOnly(
                        Map.entry("Content-Type", "application/json"),
                        Map.entry("Cache-Control", "no-store"),
                        Map.entry("X-Content-Type-Options", "nosniff"));
    }

    @ParameterizedTest
    @CsvSource({"started, started", "live, rooms", "ready, drain"})
    void administratorsSeeTheChecks(String kind, String first) {
        ApiResponse response = ask("GET", "/health/" + kind);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body())
                .startsWith("{\"status\":\"UP\",\"checks\":[{\"name\":\"" + first
                        + "\",\"status\":\"UP\",\"data\":{\"since\":\"20");
        Routes restricted = routes(true, (identity, action, resource) -> action != Action.ADMIN);
        assertThat(ask(restricted, "GET", "/health/" + kind, null).body())
                .isEqualTo("{\"status\":\"UP\",\"checks\":[]}");
        assertThat(ask(restricted, "GET", "/health/" + kind, "https://other.example")
                        .status())
                .as("of whoever asks")
                .isEqualTo(200);
    }

    @Test
    void drainMakesTheServerUnready() {
        ApiResponse begun = ask("POST", "/api/drain?seconds=1&graceSeconds=0");

        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.body()).matches("\\{\"server\":\"h\",\"since\":\"20.*Z\",\"clients\":0}");
        assertThat(drain.phase()).isEqualTo(Drain.Phase.DONE);
        ApiResponse ready = ask("GET", "/health/ready");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.body())
                .startsWith("{\"status\":\"DOWN\"")
                .contains("\"name\":\"drain\",\"status\":\"DOWN\"", "\"reason\":\"the server drains\"");
        assertThat(ask("GET", "/health/live").status()).isEqualTo(200);
        assertThat(ask("GET", "/health").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"seconds=-1", "seconds=3601", "seconds=", "seconds=1.5", "graceSeconds=99999", "force=maybe"})
    void invalidParameterBeginsNoDrain(String query) {
        assertThat(ask("POST", "/api/drain?" + query).status()).isEqualTo(400);
        assertThat(drain.phase()).isEqualTo(Drain.Phase.SERVING);
    }

    @Test
    void meDescribesUserAndRights() {
        Routes readers = routes(
                true,
                (identity, action, resource) -> action == Action.READ && resource.equals(Resource.document("plan")));
        assertThat(ask(readers, "GET", "/api/me", null).body())
                .isEqualTo("{\"way\":\"open\",\"user\":null,\"roles\":[],\"expires\":null,\"may\":[],"
                        + "\"signIn\":\"/sign-in\",\"renewal\":null,\"contact\":null,\"history\":null}");
        assertThat(ask(readers, "GET", "/api/me?document=plan", null).body()).contains("\"may\":[\"read\"]");
        assertThat(ask(readers, "GET", "/api/me?room=plan", null).body()).contains("\"may\":[]");
        assertThat(ask(readers, "GET", "/api/me?room=", null).status()).isEqualTo(200);
    }

    @Test
    void meDescribesTheHistoryOfAReadableRoom() {
        Routes readers = routes(true, (identity, action, resource) -> resource.equals(Resource.room("plan")));
        assertThat(ask(readers, "GET", "/api/me?room=plan", null).body())
                .contains("\"history\":{\"publications\":300,\"seconds\":600,\"stored\":false}");
        assertThat(ask(readers, "GET", "/api/me?room=secret", null).body()).contains("\"history\":null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"room=a b", "document=", "document=.a", "room=a&document=a"})
    void meWithoutOneValidNameIsRefused(String query) {
        assertThat(ask("GET", "/api/me?" + query).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/api",
                "/api/",
                "/api/x",
                "/api/documents/a/b",
                "/api/documents/a/stored/b",
                "/api/documents//a",
                "/health/x",
                "/apifoo"
            })
    void unknownPathIsNotFound(String path) {
        ApiResponse response = ask("GET", path);

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).isEqualTo("{\"error\":\"not_found\",\"message\":\"there is nothing here\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /health, GET",
        "POST, /api/documents, GET",
        "DELETE, /api/documents/, GET",
        "PUT, /api/documents/a, 'DELETE, GET, POST'",
        "DELETE, /api/documents/a/stored, GET",
    })
    void otherMethodIsNotAllowed(String method, String path, String allowed) {
        ApiResponse response = ask(method, path);

        assertThat(response.status()).isEqualTo(405);
        assertThat(response.headers()).containsEntry("Allow", allowed);
        assertThat(response.body())
                .isEqualTo("{\"error\":\"method_not_allowed\",\"message\":\"this answers " + allowed + " only\"}");
    }

    @Test
    void headIsAnsweredLikeGet() {
        assertThat(ask("HEAD", "/health")).isEqualTo(ask("GET", "/health"));
        assertThat(ask("HEAD", "/api/users/a/revoke").status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/documents", "/api/documents/", "/api/documents?prefix=a&after=b&limit=1000"})
    void emptyListIsJson(String target) {
        assertThat(ask("GET", target).body()).isEqualTo("{\"documents\":[],\"more\":false}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "x", "-1", "1.5"})
    void limitOutOfRangeIsABadRequest(String limit) {
        ApiResponse response = ask("GET", "/api/documents?limit=" + limit);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body())
                .isEqualTo("{\"error\":\"bad_request\",\"message\":\"limit is a whole number from 1 to 1000\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/documents/.hidden/stored",
        "DELETE, /api/documents/.hidden",
        "DELETE, /api/documents/a%20b",
        "DELETE, /api/documents/a%2Fb",
        "DELETE, /api/documents/../a",
        "DELETE, /api/documents/%zz",
        "POST, /api/users/ann/rooms/.hidden",
    })
    void impossibleNameOrPathIsABadRequest(String method, String path) {
        assertThat(ask(method, path).status()).isEqualTo(400);
        assertThat(ask(method, path).body()).startsWith("{\"error\":\"bad_request\"");
    }

    @Test
    void unknownDocumentIsStoredAsEmpty() {
        assertThat(ask("GET", "/api/documents/a/stored").body())
                .isEqualTo(
                        "{\"document\":\"a\",\"incarnation\":0,\"stateVector\":\"AA==\",\"complete\":true,\"failure\":null}");
    }

    @Test
    void contentIsAnUpdateOfWhatTheStateVectorLacks() throws Exception {
        MemoryStore store = new MemoryStore();
        store.append("plan", UPDATE).toCompletableFuture().join();
        Documents stored =
                new Documents(LIMITS, hub.budget(), store, Runnable::run, TimeSource.SYSTEM, (task, nanos) -> {});
        ApiTester api = ApiTester.of(routes(stored, new Authenticator(GATE, Permissions.ALLOW_ALL), true));

        assertThat(api.ask("GET", "/api/documents/plan").toBytes()).isEqualTo(UPDATE);
        assertThat(api.ask("GET", "/api/documents/plan?stateVector=AQEC").toBytes())
                .isEqualTo(new byte[] {0, 0});
        assertThat(api.ask("GET", "/api/documents/none").toBytes()).isEqualTo(new byte[] {0, 0});
        assertThat(api.ask("GET", "/api/documents/plan?stateVector=_w").status())
                .isEqualTo(400);
        assertThat(api.ask("GET", "/api/documents/plan?stateVector=%2B").status())
                .isEqualTo(400);
        assertThat(hub.budget().usedBytes(Budget.Share.OUTPUT)).isZero();
    }

    private static ApiTester octets(Routes routes) {
        return ApiTester.of(routes).header("Content-Type", "application/octet-stream");
    }

    @Test
    void appliedUpdateIsContentThen() {
        ApiTester api = octets(routes);

        assertThat(api.ask("POST", "/api/documents/plan", UPDATE).status()).isEqualTo(204);
        assertThat(api.ask("POST", "/api/documents/plan", UPDATE).status())
                .as("again")
                .isEqualTo(204);
        assertThat(api.ask("GET", "/api/documents/plan").toBytes()).isEqualTo(UPDATE);
        assertThat(documents.count()).isZero();
        assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void faultyUpdateIsAnsweredWithItsFault() {
        ApiTester api = octets(routes);
        String path = "/api/documents/plan";

        ApiResponse malformed = api.ask("POST", path, new byte[] {1});
        assertThat(malformed.status()).isEqualTo(400);
        assertThat(malformed.body()).startsWith("{\"error\":\"bad_request\",\"message\":\"update: ");
        assertThat(api.ask("POST", path, new byte[LIMITS.maxUpdateBytes() + 1]).status())
                .isEqualTo(413);
        assertThat(api.json("POST", path, "{}").status()).isEqualTo(415);
        assertThat(api.origin("https://elsewhere.example")
                        .ask("POST", path, UPDATE)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void updateNeedsTheRightToWrite() {
        Routes readers = routes(true, (identity, action, resource) -> action != Action.WRITE);
        Routes writers = routes(true, (identity, action, resource) -> action == Action.WRITE);

        assertThat(octets(readers).ask("POST", "/api/documents/plan", UPDATE).status())
                .isEqualTo(403);
        assertThat(octets(writers).ask("POST", "/api/documents/plan", UPDATE).status())
                .isEqualTo(204);
    }

    @Test
    void unknownDocumentIsNotDeleted() {
        ApiResponse response = ask("DELETE", "/api/documents/a");

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).contains("there is no document of this name");
    }

    @Test
    void pageOfAnotherSiteDeletesNothing() {
        assertThat(ask(routes, "DELETE", "/api/documents/a", "https://elsewhere.example")
                        .status())
                .isEqualTo(403);
        assertThat(ask(routes, "DELETE", "/api/documents/a", "https://example.org")
                        .status())
                .isEqualTo(404);
    }

    private static String deletedOf(String list) {
        return list.replaceFirst("(?s).*?\"deleted\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void deletedDocumentsAreListedRestoredAndPurged() {
        ApiTester api = octets(routes);
        api.ask("POST", "/api/documents/plan", UPDATE);
        api.ask("DELETE", "/api/documents/plan");
        api.ask("POST", "/api/documents/plan", UPDATE);
        assertThat(api.ask("POST", "/api/trash/plan/restore").body()).startsWith("{\"error\":\"taken\"");
        assertThat(api.ask("POST", "/api/trash/plan/restore?as=.x").status()).isEqualTo(400);
        api.ask("DELETE", "/api/documents/plan");
        String list = api.ask("GET", "/api/trash?limit=1").body();
        assertThat(list)
                .startsWith("{\"documents\":[{\"name\":\"plan\",\"bytes\":12,")
                .contains("\"more\":true,\"next\":\"plan/");
        String next = list.replaceFirst(".*\"next\":\"([^\"]+)\".*", "$1");
        String second = api.ask("GET", "/api/trash?after=" + next).body();
        assertThat(second).contains("\"more\":false").doesNotContain(deletedOf(list));
        assertThat(api.ask("POST", "/api/trash/plan/restore?as=old&deleted=" + deletedOf(list))
                        .status())
                .isEqualTo(204);
        assertThat(api.ask("GET", "/api/documents/old").toBytes()).isEqualTo(UPDATE);
        assertThat(api.ask("DELETE", "/api/trash/plan?deleted=" + deletedOf(list))
                        .status())
                .isEqualTo(404);
        assertThat(api.ask("DELETE", "/api/trash/plan?deleted=yesterday").status())
                .isEqualTo(400);
        assertThat(api.ask("DELETE", "/api/trash/plan").status()).isEqualTo(204);
        assertThat(api.ask("POST", "/api/trash/plan/restore").status()).isEqualTo(404);
    }

    @Test
    void trashShowsWhatTheUserMayManage() {
        ApiTester api = octets(routes);
        for (String name : List.of("its", "mine")) {
            api.ask("POST", "/api/documents/" + name, UPDATE);
            api.ask("DELETE", "/api/documents/" + name);
        }
        ApiTester restricted = ApiTester.of(routes(
                true,
                (identity, action, resource) -> action != Action.MANAGE
                        || resource.equals(Resource.ALL_DOCUMENTS)
                        || resource.name().equals("mine")));
        assertThat(restricted.ask("GET", "/api/trash").body()).contains("mine").doesNotContain("its");
        assertThat(restricted.ask("POST", "/api/trash/its/restore").status()).isEqualTo(403);
        assertThat(restricted.ask("POST", "/api/trash/mine/restore?as=its").status())
                .isEqualTo(403);
        assertThat(restricted.ask("DELETE", "/api/trash/its").status()).isEqualTo(403);
        assertThat(restricted.ask("POST", "/api/trash/mine/restore").status()).isEqualTo(204);
    }

    private static String idOf(String version) {
        return version.replaceFirst("(?s).*?\"id\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void versionIsMadeListedReadAndRemoved() {
        ApiTester api = octets(routes);
        assertThat(api.json("POST", "/api/documents/plan/versions", "{}").status())
                .isEqualTo(404);
        octets(routes).ask("POST", "/api/documents/plan", UPDATE);
        ApiResponse made = api.json("POST", "/api/documents/plan/versions", "{'title':' first '}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body())
                .contains("\"automatic\":false,\"title\":\"first\",\"users\":[],\"guests\":true,\"bytes\":12");
        String second =
                idOf(api.json("POST", "/api/documents/plan/versions", "{}").body());
        String list = api.ask("GET", "/api/documents/plan/versions?limit=1").body();
        assertThat(list)
                .contains("\"title\":null,\"users\":[],\"guests\":false")
                .endsWith("\"more\":true}");
        assertThat(idOf(list)).isEqualTo(second);
        String first = idOf(made.body());
        assertThat(api.ask("GET", "/api/documents/plan/versions?before=" + second)
                        .body())
                .contains(first)
                .endsWith("\"more\":false}");
        assertThat(api.ask("GET", "/api/documents/plan/versions/" + first).toBytes())
                .isEqualTo(UPDATE);
        assertThat(api.ask("DELETE", "/api/documents/plan/versions/" + first).status())
                .isEqualTo(204);
        for (String method : List.of("GET", "DELETE")) {
            assertThat(api.ask(method, "/api/documents/plan/versions/" + first).status())
                    .isEqualTo(404);
            assertThat(api.ask(method, "/api/documents/plan/versions/index").status())
                    .isEqualTo(404);
        }
    }

    @Test
    void titleOfAVersionIsBounded() {
        octets(routes).ask("POST", "/api/documents/plan", UPDATE);
        ApiTester api = octets(routes);
        String longest = "\ud83c\udfb5".repeat(100);
        assertThat(api.json("POST", "/api/documents/plan/versions", "{'title':'" + longest + "'}")
                        .status())
                .isEqualTo(201);
        ApiResponse refused = api.json("POST", "/api/documents/plan/versions", "{'title':'" + longest + "x'}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("title has 100 characters at most");
    }

    @Test
    void versionsNeedTheRightsOnTheDocument() {
        octets(routes).ask("POST", "/api/documents/plan", UPDATE);
        String path = "/api/documents/plan/versions";
        String id = idOf(octets(routes).json("POST", path, "{}").body());
        ApiTester reader = ApiTester.of(routes(true, (identity, action, resource) -> action == Action.READ));
        assertThat(reader.ask("GET", path).status()).isEqualTo(200);
        assertThat(reader.ask("GET", path + "/" + id).status()).isEqualTo(200);
        assertThat(reader.json("POST", path, "{}").status()).isEqualTo(403);
        ApiTester writer = ApiTester.of(routes(true, (identity, action, resource) -> action == Action.WRITE));
        assertThat(writer.json("POST", path, "{}").status()).isEqualTo(201);
        assertThat(writer.ask("GET", path).status()).isEqualTo(403);
        assertThat(writer.ask("GET", path + "/" + id).status()).isEqualTo(403);
        assertThat(writer.ask("DELETE", path + "/" + id).status()).isEqualTo(403);
        assertThat(writer.origin("https://elsewhere.example")
                        .json("POST", path, "{}")
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/documents",
        "DELETE, /api/documents/a",
        "DELETE, /api/documents/a/versions/b",
        "GET, /api/trash",
        "DELETE, /api/trash/a",
        "POST, /api/trash/a/restore"
    })
    void settingForbidsListsAndDeletes(String method, String path) {
        ApiResponse response = ask(routes(false), method, path, null);

        assertThat(response.status()).isEqualTo(403);
        assertThat(response.body()).startsWith("{\"error\":\"forbidden\"");
    }

    @Test
    void listShowsTheDocumentsThatTheUserMayManage() throws Exception {
        MemoryStore store = new MemoryStore();
        byte[] update = {0, 0};
        for (int i = 0; i < 1_500; i++) {
            String name = String.format("%s-%04d", i % 700 == 0 ? "mine" : "its", i);
            store.append(name, update).toCompletableFuture().join();
        }
        Documents many =
                new Documents(LIMITS, hub.budget(), store, Runnable::run, TimeSource.SYSTEM, (task, nanos) -> {});
        Permissions permissions = (identity, action, resource) ->
                resource.equals(Resource.ALL_DOCUMENTS) || resource.name().startsWith("mine");
        Routes routes = routes(many, new Authenticator(GATE, permissions), true);

        String all = ask(routes, "GET", "/api/documents?limit=5", null).body();
        String first = ask(routes, "GET", "/api/documents?limit=2", null).body();

        assertThat(all)
                .contains("mine-0000", "mine-0700", "mine-1400", "\"more\":false")
                .doesNotContain("its");
        assertThat(first).contains("mine-0000", "mine-0700", "\"more\":true").doesNotContain("mine-1400");
    }

    @Test
    void missingRightToManageIsForbidden() {
        Routes restricted = routes(true, (identity, action, resource) -> action != Action.MANAGE);

        assertThat(ask(restricted, "GET", "/api/documents", null).body())
                .isEqualTo("{\"error\":\"forbidden\",\"message\":\"this user may not list or delete documents\"}");
        assertThat(ask(restricted, "DELETE", "/api/documents/a", null).status()).isEqualTo(403);
        assertThat(ask(restricted, "GET", "/api/documents/a/stored", null).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/users/ann/disconnect",
        "POST, /api/users/ann/revoke",
        "POST, /api/users/ann/revoke?issuedBefore=2026-11-28T12:00:00Z",
        "POST, /api/users/ann/reauthorize",
        "DELETE, /api/tokens/t-1",
        "POST, /api/users/ann/rooms/garden",
        "DELETE, /api/users/ann/rooms/garden",
    })
    void administratorLearnsTheNumberOfConnections(String method, String target) {
        ApiResponse response = ask(method, target);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"connections\":0}");
    }

    @Test
    void unknownConnectionIsNotFound() {
        assertThat(ask("DELETE", "/api/clients/h-1").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/users/ann/revoke?issuedBefore=yesterday",
        "POST, /api/users/ann/revoke?issuedBefore=9999-01-01T00:00:00Z",
    })
    void unusableTimeIsABadRequest(String method, String target) {
        assertThat(ask(method, target).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/users/ann/disconnect",
        "POST, /api/users/ann/revoke?issuedBefore=yesterday",
        "POST, /api/users/ann/reauthorize",
        "DELETE, /api/tokens/t-1",
        "DELETE, /api/clients/h-1",
        "POST, /api/users/ann/rooms/garden",
        "DELETE, /api/users/ann/rooms/garden",
        "POST, /api/drain",
    })
    void othersMayNotAdminister(String method, String target) {
        Routes restricted = routes(true, (identity, action, resource) -> action != Action.ADMIN);

        assertThat(ask(restricted, method, target, null).body())
                .isEqualTo("{\"error\":\"forbidden\",\"message\":\"this user may not administer this server\"}");
    }

    @Test
    void listedOriginsMayNotAdminister() {
        Gate everyOrigin = new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("*")));
        Routes open = routes(documents, new Authenticator(everyOrigin, Permissions.ALLOW_ALL), true);
        String target = "/api/users/ann/disconnect";

        assertThat(ask(open, "GET", "/api/documents", "https://other.example").status())
                .isEqualTo(200);
        assertThat(ask(open, "POST", target, "https://other.example").status()).isEqualTo(403);
        assertThat(ask(open, "POST", target, "https://example.org").status()).isEqualTo(200);
    }

    @Test
    void failuresHaveAStatusAndNoStackTrace() {
        Route store = new Route(
                "GET",
                "/store",
                Operation.of("fails"),
                call -> CompletableFuture.failedFuture(new StoreException("the disk is full")));
        Route fault = new Route("GET", "/fault", Operation.of("fails"), call -> {
            throw new IllegalStateException("secret");
        });
        Routes failing = new Routes(List.of(store, fault, OpenApi.route(List.of(store, fault))), hub.budget());

        assertThat(ask(failing, "GET", "/store", null).status()).isEqualTo(503);
        assertThat(ask(failing, "GET", "/store", null).body())
                .isEqualTo("{\"error\":\"unavailable\",\"message\":\"the disk is full\"}");
        assertThat(ask(failing, "GET", "/fault", null).status()).isEqualTo(500);
        assertThat(ask(failing, "GET", "/fault", null).body())
                .isEqualTo("{\"error\":\"internal\",\"message\":\"the server failed\"}");
    }
}
