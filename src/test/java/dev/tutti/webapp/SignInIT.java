package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.WaitUntilState;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.standalone.SecretTokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages of a server that wants tokens, with a sign-in page that signs everybody in. */
class SignInIT extends BrowserTest {
    private static final String ROOM = "brave-otter-42";

    @TempDir
    private Path folder;

    private HttpServer signInPage;

    /** The time until a token of the sign-in page ends. */
    private volatile int tokenSeconds = 600;

    @Override
    SiteServer server() throws IOException {
        signInPage = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        signInPage.createContext("/sign-in", this::signIn);
        signInPage.start();
        String address = "http://127.0.0.1:" + signInPage.getAddress().getPort() + "/sign-in?return={return}";
        rules("read", "write", "presence");
        SiteServer server = new EmbeddedServer(Map.of(
                "rules",
                rulesFile().toString(),
                "access",
                "token",
                "jwt-secret",
                SecretTokens.SECRET,
                "sign-in-url",
                address,
                "token-url",
                "/login/token",
                "jwt-clock-skew",
                "0",
                "contact",
                "ops@example.org"));
        server.start();
        return server;
    }

    private Path rulesFile() {
        return folder.resolve("rules.json");
    }

    /** Grants everybody these actions in all rooms, on their boards and on the document {@code minutes}; the server reads the file again. */
    private void rules(String... may) throws IOException {
        Files.writeString(
                rulesFile(), "[{\"rooms\":[\"*\"],\"documents\":[\"minutes\",\"*:board\"],\"may\":" + json(may) + "}]");
        if (site != null) {
            await().until(() -> rights().contains("\"may\":" + json(may)));
        }
    }

    private static String json(String... may) {
        return "[\"" + String.join("\",\"", may) + "\"]";
    }

    private String rights() throws IOException, InterruptedException {
        HttpRequest me = HttpRequest.newBuilder(URI.create(site.address("api/me?document=minutes")))
                .header("Authorization", "Bearer " + SecretTokens.token("ann", 600))
                .build();
        return HttpClient.newHttpClient().send(me, BodyHandlers.ofString()).body();
    }

    /** Redirects to {@code return} with a token. */
    private void signIn(HttpExchange exchange) throws IOException {
        String back = exchange.getRequestURI().getQuery().substring("return=".length());
        exchange.getResponseHeaders().set("Location", back + "#token=" + SecretTokens.token("ann", tokenSeconds));
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    @AfterEach
    void stopSignInPage() {
        if (signInPage != null) {
            signInPage.stop(0);
        }
    }

    private static void addNote(Window window, String text) {
        window.page().getByTestId("add-note").click();
        window.type(text);
        window.press("Escape");
        assertThat(window.page().getByTestId("saved")).hasText("Board saved");
    }

    private static Locator account(Window window) {
        return window.page().getByTestId("account");
    }

    private static Locator text(Window window) {
        return window.page().getByTestId("text");
    }

    private static Locator notice(Window window) {
        return window.page().getByTestId("notice");
    }

    private Window signInTo(String page) {
        Window window = site.show(page, Device.DESKTOP_LIGHT);
        window.ignoreConnectionErrors(); // the browser reports each handshake before the sign-in
        account(window).getByText("Sign in").click();
        assertThat(account(window)).containsText("ann");
        return window;
    }

    @Test
    void signInReturnsToRoomAsUser() {
        Window window = site.show("room.html#" + ROOM, Device.DESKTOP_LIGHT);
        assertThat(notice(window)).containsText("Please sign in");
        assertThat(notice(window)).containsText("Ask ops@example.org.");

        window.page().getByTestId("retry").click();
        window.awaitConnected();
        assertThat(window.page()).hasURL(Pattern.compile("room\\.html#" + ROOM + "$"));
        assertThat(account(window)).containsText("ann");
        assertThat(notice(window)).isHidden();
        window.page().getByTestId("input").fill("hello");
        window.press("Enter");
        assertThat(window.page().getByTestId("message")).hasAttribute("data-status", "delivered");

        account(window).getByText("Sign out").click();
        assertThat(notice(window)).containsText("Please sign in");
    }

    @Test
    void readerSeesRoomAndCannotWrite() throws IOException {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
        Window writer = signInTo("room.html#" + ROOM);
        assertThat(writer.page().getByTestId("input")).isEnabled();
        assertThat(writer.page().getByTestId("add-note")).isVisible();
        addNote(writer, "for all");

        rules("read", "presence");
        Window window = signInTo("room.html#" + ROOM);

        assertThat(window.page().getByTestId("input")).isDisabled();
        assertThat(window.page().getByTestId("input"))
                .hasAttribute("placeholder", "You can read here, but not write. Ask ops@example.org.");
        assertThat(window.page().getByTestId("add-note")).isHidden();
        assertThat(window.page().getByTestId("board-notice"))
                .hasText("You can look at this board, but not change it. Ask ops@example.org.");
        assertThat(window.page().getByTestId("note")).hasText("for all");
        assertThat(notice(window)).isHidden();
        writer.page().getByTestId("input").fill("too late");
        writer.press("Enter");
        assertThat(writer.page().getByTestId("input")).isDisabled();
        assertThat(writer.page().getByTestId("message")).hasAttribute("data-phase", "failed");
    }

    @Test
    void lostRightKeepsTextOnDevice() throws IOException {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
        Window writer = signInTo("document.html#minutes");
        writer.page().getByTestId("text").click();
        writer.type("for all");
        assertThat(writer.page().getByTestId("saved")).hasText("Saved");

        rules("read", "presence");
        Window reader = signInTo("document.html#minutes");
        Locator text = text(reader);
        assertThat(text).hasText("for all");
        assertThat(text).hasAttribute("aria-readonly", "true");
        assertThat(notice(reader)).containsText("You can read this document, but not write");
        assertThat(notice(reader)).containsText("Ask ops@example.org.");
        text.click();
        reader.type("no");
        assertThat(text).hasText("for all");

        text(writer).click();
        writer.press("Control+End");
        writer.type(" of us");
        assertThat(notice(writer)).containsText("Your last changes are kept on this device, and were not sent.");
        assertThat(text(writer)).hasText("for all of us");
        assertThat(text).hasText("for all");

        rules("read", "write", "presence");
        assertThat(text).hasText("for all of us", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
        assertThat(writer.page().getByTestId("saved")).hasText("Saved");
        assertThat(notice(writer)).isHidden();
    }

    /** Answers the requests of a window for a new token: some with none, later ones with one. */
    private static void answerRenewals(Window window, int withNone) {
        AtomicInteger requests = new AtomicInteger();
        window.page()
                .route(
                        "**/login/token",
                        route -> route.fulfill(new Route.FulfillOptions()
                                .setContentType("application/json")
                                .setBody(
                                        requests.getAndIncrement() < withNone
                                                ? "{}"
                                                : "{\"token\":\"" + SecretTokens.token("ann", 600) + "\"}")));
    }

    private static void awaitEndOfToken(Window window, long endMillis) {
        window.page().waitForFunction("end => Date.now() > end", (double) endMillis);
    }

    @Test
    void endingTokenIsRenewedUnnoticedInRoom() {
        tokenSeconds = 8;
        Window window = site.show("room.html#" + ROOM, Device.DESKTOP_LIGHT);
        window.ignoreConnectionErrors();
        answerRenewals(window, 1); // so it connects with the old token
        long endMillis = System.currentTimeMillis() + 1_000L * (tokenSeconds + 2);
        account(window).getByText("Sign in").click();
        window.awaitConnected();
        window.page()
                .evaluate(
                        "() => { window.states = []; new MutationObserver(() => states.push(document.body.dataset.state))"
                                + ".observe(document.body, { attributeFilter: ['data-state'] }); }");

        awaitEndOfToken(window, endMillis);

        window.page().getByTestId("input").fill("still here");
        window.press("Enter");
        assertThat(window.page().getByTestId("message")).hasAttribute("data-status", "delivered");
        assertThat(notice(window)).isHidden();
        assertThat(window.page().evaluate("() => states.filter(state => state !== 'open')"))
                .isEqualTo(List.of());
    }

    @Test
    void endingTokenIsRenewedUnnoticedInDocument() {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
        tokenSeconds = 8;
        Window window = site.show("document.html#minutes", Device.DESKTOP_LIGHT);
        window.ignoreConnectionErrors();
        answerRenewals(window, 0);
        long endMillis = System.currentTimeMillis() + 1_000L * (tokenSeconds + 2);
        account(window).getByText("Sign in").click();
        text(window).click();
        window.type("before");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");

        awaitEndOfToken(window, endMillis);

        window.type(" and after");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        assertThat(text(window)).hasText("before and after");
        assertThat(notice(window)).isHidden();
    }

    private static Locator state(Window window) {
        return window.page().getByTestId("state");
    }

    @Test
    void broadcastPageSignsIn() {
        Window window = site.show("broadcast.html", Device.DESKTOP_LIGHT);
        assertThat(state(window)).containsText("Please sign in");
        assertThat(state(window)).containsText("Ask ops@example.org.");

        window.page().getByTestId("retry").click();
        assertThat(state(window)).hasAttribute("data-state", "open");
        assertThat(window.page()).hasURL(Pattern.compile("broadcast\\.html$"));
        assertThat(account(window)).containsText("ann");
        window.page().getByTestId("input").fill("hello");
        window.press("Enter");
        assertThat(window.page().getByTestId("message")).hasAttribute("data-status", "delivered");

        account(window).getByText("Sign out").click();
        assertThat(state(window)).containsText("Please sign in");
    }

    @Test
    void broadcastPageReconnectsWithNewToken() {
        tokenSeconds = 8;
        Window window = site.show("broadcast.html", Device.DESKTOP_LIGHT);
        window.ignoreConnectionErrors();
        answerRenewals(window, 1); // so it connects with the old token
        long endMillis = System.currentTimeMillis() + 1_000L * (tokenSeconds + 2);
        account(window).getByText("Sign in").click();
        assertThat(state(window)).hasAttribute("data-state", "open");

        awaitEndOfToken(window, endMillis);

        window.page().getByTestId("input").fill("still here");
        window.press("Enter");
        assertThat(window.page().getByTestId("message")).hasAttribute("data-status", "delivered");
        assertThat(state(window)).hasAttribute("data-state", "open");
    }

    @Test
    void documentWithoutRightSaysSo() {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
        Window excluded = signInTo("document.html#secret");
        assertThat(notice(excluded)).containsText("You have no access to this document");
    }

    @Test
    void signInOfAnotherWindowIsRefused() {
        Window window = site.show(
                "signed-in.html?state=guessed#token=" + SecretTokens.token("mallory", 600), Device.DESKTOP_LIGHT);

        assertThat(window.page().getByTestId("result")).containsText("does not belong to this window");
        assertThat(window.page()).hasURL(Pattern.compile("signed-in\\.html$"));
        assertThat(window.page().evaluate("() => sessionStorage.length")).isEqualTo(0);
    }

    @ParameterizedTest
    @EnumSource
    void noticeFitsAndIsReadable(Device device) {
        Window window = site.show("room.html#" + ROOM, device);
        assertThat(notice(window)).containsText("Please sign in");
        assertFit(window, device);
        window.screenshot(screenshot("sign-in", device));

        Window broadcast = site.show("broadcast.html", device);
        assertThat(state(broadcast)).containsText("Please sign in");
        assertFit(broadcast, device);
    }

    @ParameterizedTest
    @EnumSource(names = {"DESKTOP_LIGHT", "PHONE_LIGHT"})
    void lateAnswerAboutUserMovesNothing(Device device) {
        Window window = site.show("signed-in.html", device);
        Page page = window.page();
        Predicate<String> user = url -> url.contains("/api/me");
        for (String shown : List.of("room.html#" + ROOM, "broadcast.html")) {
            List<Route> held = new ArrayList<>();
            page.route(user, held::add);
            page.navigate(site.address(shown), new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
            page.waitForFunction("() => performance.getEntriesByName('first-contentful-paint').length");
            page.waitForCondition(() -> !held.isEmpty());
            page.unroute(user);
            held.forEach(Route::resume);
            assertThat(account(window)).hasText("Sign in");
            assertThat(window.layoutShift()).as(shown).isLessThan(MAX_SHIFT);
        }
    }
}
