package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.Tutti;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.Hub;
import dev.tutti.security.ApiKeys;
import dev.tutti.standalone.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The administration page in a real browser, with a real server and clients. */
class AdminPageIT extends BrowserTest {
    private static final String PAGE = "admin.html";
    private static final int KILOBYTE = 1_000;

    private final List<Peer> peers = new ArrayList<>();

    @TempDir
    private Path directory;

    @Override
    SiteServer server() throws IOException {
        return start(Map.of("max-queued-bytes", "0", "drain-seconds", "1", "drain-grace-seconds", "0"));
    }

    private static SiteServer start(Map<String, String> settings) throws IOException {
        SiteServer server = new EmbeddedServer(settings);
        server.start();
        return server;
    }

    @AfterEach
    void closePeers() throws IOException {
        for (Peer peer : peers) {
            peer.close();
        }
    }

    private static Hub hub() {
        return Tutti.current().parts().hub();
    }

    private Peer connect(String path) throws IOException {
        Peer peer = Peer.open(site.port(), path);
        peers.add(peer);
        return peer;
    }

    private void connect(int clients, String path) throws IOException {
        for (int i = 0; i < clients; i++) {
            connect(path);
        }
    }

    private static void publish(String room, int messages) {
        for (int i = 1; i <= messages; i++) {
            var unused = Tutti.current().publish(room, "message " + i);
        }
    }

    private Window open() {
        return open(Device.DESKTOP_LIGHT);
    }

    private Window open(Device device) {
        Window window = site.show(PAGE, device);
        assertThat(window.state()).hasAttribute("data-state", "open");
        return window;
    }

    private static Locator part(Window window, String id) {
        return window.page().getByTestId(id);
    }

    /** Returns the row of a table that has a text. */
    private static Locator row(Window window, String table, String text) {
        return part(window, table).locator("tr").filter(new Locator.FilterOptions().setHasText(text));
    }

    private static Locator button(Locator in, String name) {
        return in.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name));
    }

    private static void confirm(Window window, String question) {
        assertThat(part(window, "ask")).containsText(question);
        part(window, "ask-confirm").click();
        assertThat(part(window, "ask")).isHidden();
    }

    @Test
    void figuresEqualTheLoadOfThousandClients() throws IOException {
        connect(600, "/ws");
        connect(300, "/ws/choir");
        connect(100, "/ws/brass");
        await().until(() -> Tutti.current().meters().totals().memberships() == 1_000);
        publish("choir", 7);
        publish("brass", 20);
        publish("score", 3);
        await().until(() -> Tutti.current().meters().totals().deliveries() == 300 * 7 + 100 * 20);
        Window window = open();

        assertThat(part(window, "clients")).hasText("1,000");
        assertThat(window.page().locator("#clients-more")).hasText("/ws 600 · /ws/{room} 400");
        assertThat(window.page().locator("#deliveries-more")).containsText("4,100 so far");
        assertThat(part(window, "rooms")).hasText("4");
        assertThat(window.page().locator("#rooms-more")).hasText("1,000 memberships");
        assertThat(part(window, "documents")).hasText("0");
        Locator rooms = part(window, "room-rows");
        assertThat(rooms.locator("td:nth-child(1)"))
                .hasText(new String[] {"everybody on /ws", "choir", "brass", "score"});
        assertThat(rooms.locator("td:nth-child(2)")).hasText(new String[] {"600", "300", "100", "0"});
        assertThat(rooms.locator("td:nth-child(3)")).hasText(new String[] {"0", "7", "20", "3"});
        assertThat(part(window, "chart")).hasAttribute("aria-label", chart("1,000"));
        assertThat(part(window, "budget")).containsText("Output");
        assertThat(part(window, "checks").locator("[data-status=UP]")).hasCount(4);
        assertThat(part(window, "store")).containsText("memory");
        assertThat(part(window, "webhooks")).hasText("no receiver");

        peers.remove(0).close();
        assertThat(part(window, "clients")).hasText("999");
    }

    private static Pattern chart(String now) {
        return Pattern.compile("Connections, last 15 minutes: now " + now + ", .*");
    }

    /** Returns the id of the only member of a room, once there is one. */
    private static String member(String room) {
        await().until(() -> hub().members(room).size() == 1);
        return hub().members(room).get(0).client();
    }

    @Test
    void endedClientIsClosed() throws IOException {
        Peer peer = connect("/ws/choir");
        String client = member("choir");
        connect("/ws/choir");
        Window window = open();
        button(part(window, "room-rows"), "choir").click();
        Locator members = part(window, "members").locator("li");
        assertThat(members).hasCount(2);

        button(part(window, "members"), "End the connection " + client).click();
        assertThat(part(window, "ask")).containsText(client);
        window.press("Escape");
        assertThat(part(window, "ask")).isHidden();
        assertThat(members).hasCount(2);

        button(part(window, "members"), "End the connection " + client).click();
        confirm(window, "End the connection of");
        assertThat(part(window, "room-result")).containsText("The connection " + client);
        assertThat(members).hasCount(1);
        assertThat(window.page().locator("#room-title")).isFocused();
        assertThat(peer.closeFrame().code()).isEqualTo(4403);
        assertThat(hub().clientCount()).isOne();
    }

    @Test
    void connectionsOfUserAreFoundAndEnded() throws IOException {
        connect("/ws/choir");
        connect("/ws/brass");
        Window window = open();

        part(window, "find").click();
        Locator found = part(window, "find-rows").locator("tr");
        assertThat(found).hasCount(2);
        found.first().getByRole(AriaRole.BUTTON).click();
        confirm(window, "End the connection of");

        assertThat(found).hasCount(1);
        assertThat(part(window, "result")).containsText("is closed");
        assertThat(window.page().locator("#find-title")).isFocused();
        part(window, "find-user").fill("nobody");
        window.press("Enter");
        assertThat(window.page().locator("#find-hint")).hasText("nobody has no connection.");
    }

    @Test
    void deletedHistoryIsGone() {
        publish("choir", 25);
        Window window = open();
        part(window, "look-name").fill("../etc");
        window.press("Enter");
        assertThat(window.page().locator("#look-hint")).containsText("does not start with a dot");
        part(window, "look-name").fill("choir");
        window.press("Enter");
        Locator messages = part(window, "publications").locator("li");
        assertThat(messages).hasCount(20);
        assertThat(messages.last()).containsText("message 25");
        part(window, "earlier").click();
        assertThat(messages).hasCount(25);
        assertThat(messages.first()).containsText("message 1");

        part(window, "history-delete").click();
        confirm(window, "Delete the history of choir?");

        assertThat(part(window, "room-result")).hasText("The history is deleted.");
        assertThat(messages).hasCount(0);
        HistoryPage page = hub().directory().latest("choir", 10);
        assertThat(page == null ? List.of() : page.messages()).isEmpty();
    }

    @Test
    void foreignTextIsShownAsText() {
        String attack = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        var unused = Tutti.current().publish("choir", attack);
        Window window = open();

        button(part(window, "room-rows"), "choir").click();

        assertThat(part(window, "publications").locator(".data")).hasText(attack);
        assertThat(window.page().locator("main img, dialog img, dialog script")).hasCount(0);
    }

    @Test
    void slowestClientIsListedAndEnded() throws IOException {
        Peer slow = Peer.connect(site.port(), 2048);
        peers.add(slow);
        slow.upgrade("/ws/choir");
        String text = "x".repeat(60 * KILOBYTE);
        await().until(() -> {
            for (int i = 0; i < 20; i++) { // the kernel's buffers take megabytes
                var unused = Tutti.current().publish("choir", text);
            }
            return hub().waitingBytes() > 0;
        });
        Window window = open();

        Locator rows = part(window, "slow-rows").locator("tr");
        assertThat(rows).hasCount(1);
        rows.getByRole(AriaRole.BUTTON).click();
        confirm(window, "End the connection of");

        assertThat(window.page().locator("#slow-empty")).hasText("All clients keep up.");
        assertThat(hub().clientCount()).isZero();
    }

    /** Replaces the samples of an answer by those of 15 minutes: 100 clients, then 300, then 200. */
    private static void answerWithSamples(Route route) {
        String body = route.fetch().text();
        int uptime = 2_000_000;
        boolean isFirst = !route.request().url().contains("last=");
        String samples = IntStream.rangeClosed(0, isFirst ? 180 : -1)
                .mapToObj(i ->
                        "{\"uptimeMillis\":%d,\"clients\":%d,\"received\":%d,\"publications\":0,\"deliveries\":0,\"bytes\":0}"
                                .formatted(
                                        uptime - (180 - i) * 5_000, i < 60 ? 100 : i < 120 ? 300 : 200, 50 * i + i * i))
                .collect(Collectors.joining(","));
        route.fulfill(new Route.FulfillOptions()
                .setContentType("application/json")
                .setBody(body.replaceFirst("\"uptimeMillis\":\\d+", "\"uptimeMillis\":" + uptime)
                        .replaceFirst("\"samples\":\\[.*?]", "\"samples\":[" + samples + "]")));
    }

    @Test
    void chartShowsAQuarterOfAnHour() {
        Window window = site.show("", Device.PHONE_DARK);
        window.page().route("**/api/statistics*", AdminPageIT::answerWithSamples);
        window.page().navigate(site.address(PAGE));
        assertThat(part(window, "chart"))
                .hasAttribute("aria-label", Pattern.compile("Connections, .* at least 0, at most 300"));

        window.page().getByText("As a table").click();
        Locator minutes = window.page().locator("#chart-rows tr");
        assertThat(minutes).hasCount(15);
        assertThat(minutes.nth(7)).hasText("7300");
        assertThat(minutes.nth(14)).hasText("14100");
        window.page()
                .getByText("Messages", new Page.GetByTextOptions().setExact(true))
                .click();
        assertThat(part(window, "chart"))
                .hasAttribute("aria-label", Pattern.compile("Messages a second, .* at most 81.8"));
        window.screenshot(screenshot("admin-chart", Device.PHONE_DARK));
    }

    /** Makes an answer one of three servers, the last of which drains, and says that a fourth one is missing. */
    private static void answerAsCluster(Route route) {
        String url = route.request().url();
        String body = route.fetch(new Route.FetchOptions().setUrl(url.replaceFirst("server=[^&]*", "")))
                .text();
        String figures = body.replaceFirst(".*\"servers\":\\[(.*?)].*", "$1");
        String name = figures.replaceFirst(".*\"name\":\"(.*?)\".*", "$1");
        String servers = Stream.of("garden", "brass", "choir")
                .map(server -> figures.replace(name, server)
                        .replaceFirst("\"clients\":\\d+", "\"clients\":" + 100 * server.length())
                        .replace("serving", server.equals("choir") ? "leaving" : "serving")
                        .replaceFirst(
                                "\"problem\":\\w+",
                                "\"problem\":" + (server.equals("brass") ? "\"Redis is away\"" : "null")))
                .collect(Collectors.joining(","));
        if (url.contains("server=garden")) {
            body = body.replaceFirst(name, "garden").replaceFirst("\"open\":\\d+", "\"open\":600");
        }
        route.fulfill(new Route.FulfillOptions()
                .setContentType("application/json")
                .setBody(body.replace(figures, servers).replace("\"missing\":0", "\"missing\":1")));
    }

    private Window openCluster(Device device) {
        Window window = site.show("", device);
        window.page().route("**/api/statistics*", AdminPageIT::answerAsCluster);
        window.page().navigate(site.address(PAGE));
        assertThat(part(window, "servers")).isVisible();
        return window;
    }

    @Test
    void serversAreListedAndChosen() {
        Window window = openCluster(Device.DESKTOP_LIGHT);
        Locator rows = part(window, "server-rows").locator("tr");
        assertThat(rows.locator("td:nth-child(1)"))
                .containsText(new String[] {"All servers", "garden", "brass", "choir"});
        assertThat(rows.locator("td:nth-child(2)")).hasText(new String[] {"1,600", "600", "500", "500"});
        assertThat(rows.nth(2)).containsText("Redis is away");
        assertThat(rows.nth(3)).containsText("drains");
        assertThat(part(window, "servers-missing")).hasText("1 server did not answer: the figures lack it.");
        assertThat(part(window, "clients")).hasText("0");
        assertThat(part(window, "checks").locator("[data-status=DOWN]")).containsText("Redis is away");
        assertThat(part(window, "phase")).hasText("3 servers");

        Locator garden = button(part(window, "server-rows"), "garden");
        garden.press("Enter");

        assertThat(part(window, "clients")).hasText("600");
        assertThat(garden).hasAttribute("aria-current", "true");
        assertThat(garden).isFocused();
        assertThat(part(window, "phase")).hasText("Serves");
        assertThat(part(window, "drain")).isVisible();
    }

    @Test
    void drainBesideAnotherIsAskedTwice() {
        Window window = openCluster(Device.PHONE_DARK);
        assertThat(part(window, "drain")).isHidden();
        List<String> requests = new ArrayList<>();
        window.page().route("**/api/drain?*", route -> {
            requests.add(route.request().url().replaceFirst(".*\\?", ""));
            boolean isForced = route.request().url().contains("force");
            route.fulfill(new Route.FulfillOptions()
                    .setStatus(isForced ? 202 : 409)
                    .setContentType("application/json")
                    .setBody(
                            isForced
                                    ? "{}"
                                    : "{\"error\":\"drains\",\"message\":\"the server choir drains: force=true\"}"));
        });
        button(part(window, "server-rows"), "garden").click();

        part(window, "drain").click();
        assertThat(part(window, "ask")).containsText("Drain the server garden?");
        part(window, "ask-confirm").click();
        assertThat(part(window, "ask")).containsText("It does not drain: the server choir drains.");
        confirm(window, "Drain the server garden all the same?");

        assertThat(part(window, "result")).hasText("The drain has begun.");
        assertThat(requests).containsExactly("server=garden", "server=garden&force=true");
        window.browserErrors().removeIf(error -> error.contains("409"));
    }

    @Test
    void serverThatIsGoneIsNoLongerChosen() {
        Window window = openCluster(Device.DESKTOP_LIGHT);
        window.page()
                .route(
                        "**/api/statistics?*server=choir*",
                        route -> route.fulfill(new Route.FulfillOptions()
                                .setStatus(404)
                                .setContentType("application/json")
                                .setBody("{\"error\":\"not_found\",\"message\":\"no\"}")));

        button(part(window, "server-rows"), "choir").click();

        assertThat(part(window, "result")).hasText("The server choir is gone.");
        assertThat(button(part(window, "server-rows"), "All servers")).hasAttribute("aria-current", "true");
        assertThat(window.state()).hasAttribute("data-state", "open");
        window.browserErrors().removeIf(error -> error.contains("404"));
    }

    @ParameterizedTest
    @EnumSource
    void tableOfServersFits(Device device) {
        Window window = openCluster(device);
        assertFit(window, device);
        window.screenshot(screenshot("admin-servers", device));
    }

    @Test
    void drainAsksOnce() throws IOException {
        connect("/ws/choir");
        Window window = open();

        part(window, "drain").click();
        confirm(window, "Drain this server?");

        assertThat(part(window, "result")).hasText("The drain has begun.");
        assertThat(part(window, "phase")).containsText("Drain");
        assertThat(part(window, "drain")).isDisabled();
        assertThat(part(window, "checks").locator("[data-status=DOWN]")).containsText("the server drains");
        window.browserErrors().removeIf(error -> error.contains("503"));
    }

    @Test
    void visitorWithoutRightSeesNoDataUntilKey() throws IOException {
        site.close();
        Path keys = directory.resolve("keys");
        String[] lines = ApiKeys.describeNew("ops", new SecureRandom()).split("\n", -1);
        Files.writeString(keys, lines[1] + " [{\"may\":[\"admin\"]}]\n");
        site = siteOn(start(Map.of("access", "open", "api-keys-file", keys.toString(), "contact", "ops@example.org")));
        publish("secret-room", 1);
        Window window = site.show(PAGE, Device.DESKTOP_LIGHT);

        assertThat(part(window, "denied")).containsText("This page is for administrators");
        assertThat(part(window, "denied"))
                .containsText("You are a guest, without the right admin. Ask ops@example.org.");
        assertThat(part(window, "data")).isHidden();
        assertThat(window.page().content()).doesNotContain("secret-room");
        assertThat(window.state()).containsText("No access");
        assertThat(Accessibility.findings(window.page())).isEmpty();
        window.screenshot(screenshot("admin-denied", Device.DESKTOP_LIGHT));

        part(window, "key").fill("tutti_" + "x".repeat(43));
        window.press("Enter");
        assertThat(window.page().locator("#key-hint")).hasText("The server does not know this key.");
        part(window, "key").fill(lines[0].replace("Authorization: Bearer ", ""));
        window.press("Enter");
        assertThat(row(window, "room-rows", "secret-room")).isVisible();
        assertThat(part(window, "denied")).isHidden();

        button(part(window, "room-rows"), "secret-room").click(); // the key may administer, and not read
        assertThat(window.page().locator("#publications-note")).containsText("You may not see them");
        assertThat(part(window, "publications").locator("li")).hasCount(0);
        assertThat(part(window, "history-delete")).isHidden();
        window.browserErrors().removeIf(error -> error.contains("401") || error.contains("403"));
    }

    @Test
    void lostRightRemovesData() {
        publish("secret-room", 1);
        Window window = open();
        assertThat(row(window, "room-rows", "secret-room")).isVisible();

        Page page = window.page();
        page.route(
                "**/api/me*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"way\":\"token\",\"user\":\"ann\",\"roles\":[],\"may\":[]}")));
        page.route(
                "**/api/statistics*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(403)
                        .setContentType("application/json")
                        .setBody("{\"error\":\"forbidden\",\"message\":\"no\"}")));

        assertThat(part(window, "denied")).containsText("You are signed in as ann, without the right admin.");
        assertThat(part(window, "data")).isHidden();
        assertThat(page.content()).doesNotContain("secret-room");
        window.browserErrors().removeIf(error -> error.contains("403"));
    }

    @Test
    void lostServerIsNoticedAndFound() {
        Window window = open();

        window.setOffline(true);
        assertThat(window.state()).hasAttribute("data-state", "waiting");
        assertThat(window.state()).containsText("trying again");
        window.setOffline(false);
        assertThat(window.state()).hasAttribute("data-state", "open");
        window.browserErrors().removeIf(error -> error.contains("ERR_INTERNET_DISCONNECTED"));
    }

    @Test
    void tabReachesEveryControlVisibly() throws IOException {
        connect("/ws/choir");
        Window window = open();
        assertThat(row(window, "room-rows", "choir")).isVisible();

        assertReachedByTab(window);
    }

    @ParameterizedTest
    @EnumSource
    void pageFitsAndIsReadable(Device device) throws IOException {
        connect(12, "/ws");
        connect(5, "/ws/a-room-with-a-rather-long-name-for-a-telephone");
        connect(8, "/ws/choir");
        publish("choir", 5);
        Window window = open(device);
        assertThat(part(window, "room-rows").locator("tr")).hasCount(3);
        assertFit(window, device);
        window.page()
                .screenshot(new Page.ScreenshotOptions()
                        .setPath(screenshot("admin", device))
                        .setFullPage(true));

        button(part(window, "room-rows"), "choir").click();
        assertThat(part(window, "publications").locator("li")).hasCount(5);
        assertFit(window, device);
        window.screenshot(screenshot("admin-room", device));
        part(window, "history-delete").click();
        assertThat(Accessibility.findings(window.page(), 2)).isEmpty();
        window.screenshot(screenshot("admin-ask", device));
    }
}
