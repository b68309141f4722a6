package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A document whose page or server is offline, stores nothing or restarts, in a real browser. */
class OfflineEditorIT extends DocumentBrowserTest {
    private static final Pattern OFFLINE = Pattern.compile("Offline\\s+Kept on this device");

    /** Whether the active worker keeps the pages in a cache. */
    private static final String IS_KEPT = """
            async cache => {
              const isThere = await caches.has(cache);
              const { installing, waiting, active } = await navigator.serviceWorker.getRegistration();
              return isThere && !installing && !waiting && active.state === 'activated';
            }
            """;

    /** Pages that the server has instead of the project's. */
    @TempDir
    Path otherPages;

    /** Sends invalid awareness states, each as another client. */
    private static final String INVALID_INPUT = """
            address => new Promise(resolve => {
              const states = [{}, { user: 7, cursor: 7 }, { user: { name: {}, color: '}<b>', person: [] }, cursor: { anchor: {}, head: [] } },
                { user: { name: '\\u202e'.repeat(500), person: '__proto__' }, cursor: { anchor: { item: { client: 1, clock: 1e9 } }, head: null } },
                { user: { name: '<img src=x onerror=1>' } }];
              const socket = window.nonsense = new WebSocket(address);
              const varUint = n => n < 128 ? [n] : [n % 128 + 128, ...varUint(Math.floor(n / 128))];
              socket.onopen = () => {
                states.forEach((state, i) => {
                  const json = [...new TextEncoder().encode(JSON.stringify(state))];
                  const update = [1, ...varUint(1000 + i), 1, ...varUint(json.length), ...json];
                  socket.send(new Uint8Array([1, ...varUint(update.length), ...update]));
                });
                resolve();
              };
            })
            """;

    @Override
    SiteServer server() throws IOException {
        SiteServer server = EmbeddedServer.withPages(otherPages);
        server.start();
        return server;
    }

    @Test
    void offlineEditsAreMerged() {
        Window home = open();
        Window train = open();
        write(home, "start ");
        assertThat(text(train)).hasText("start");

        train.setOffline(true);
        assertThat(train.state()).hasText(OFFLINE);
        text(train).click();
        train.press("Control+End");
        train.type("train ");
        text(home).click();
        home.press("Control+Home");
        home.type("home ");
        assertThat(text(home)).hasText("home start");
        assertThat(train.page().getByTestId("notice-text")).containsText("kept on this device");

        train.setOffline(false);
        train.awaitConnected();
        assertThat(text(home)).hasText("home start train");
        awaitSame(home, train);
        assertThat(train.page().getByTestId("saved")).hasText("Saved");
        assertThat(train.page().getByTestId("notice")).isHidden();
    }

    @Test
    void restartedServerGetsTextBack() throws IOException {
        Window first = open();
        Window second = open();
        write(first, "before ");
        assertThat(text(second)).hasText("before");

        site.stopServer();
        assertThat(first.state()).containsText("Offline");
        assertThat(second.state()).containsText("Offline");
        text(first).click();
        first.press("Control+End");
        first.type("meanwhile");
        site.startServerAgain();

        assertThat(text(second)).hasText("before meanwhile");
        first.awaitConnected();
        second.awaitConnected();
        site.windows().forEach(Window::ignoreConnectionErrors);
    }

    @Test
    void dayOfflineIsMerged() throws IOException {
        Window home = open();
        Window train = site.openDocumentOffline(NAME);
        write(home, "start ");
        assertThat(text(train)).hasText("start");

        site.stopServer();
        train.ignoreConnectionErrors();
        home.ignoreConnectionErrors();
        assertThat(train.state()).hasText(OFFLINE);
        train.page().reload();
        assertThat(text(train)).hasText("start");
        append(train, "train ");
        assertThat(train.state()).hasText(OFFLINE);
        train.page().locator(".home").click();
        assertThat(train.page().getByTestId("document")).containsText("on this device");
        train.page().locator("[data-testid=document] a").click();
        assertThat(text(train)).hasText("start train");
        append(train, "evening ");
        text(home).click();
        home.press("Control+Home");
        home.type("home ");

        site.startServerAgain();
        train.awaitConnected();
        assertThat(text(home)).hasText("home start train evening");
        awaitSame(home, train);
        assertThat(train.page().getByTestId("saved")).hasText("Saved");
    }

    @Test
    void newVersionReplacesKeptPages() throws Exception {
        Window window = site.openDocumentOffline(NAME);
        window.ignoreConnectionErrors();
        site.stopServer();
        putNewVersion("document.html", "for writing together", "for thinking together");
        site.startServerAgain();
        Locator description = window.page().locator("meta[name=description]");

        window.page().reload();
        assertThat(description).hasAttribute("content", Pattern.compile("thinking")); // the server's, not the kept one
        window.page().waitForCondition(() -> (Boolean) window.page().evaluate(IS_KEPT, "tutti:/:next"));

        site.stopServer();
        window.page().reload();
        assertThat(window.state()).containsText("Offline");
        assertThat(description).hasAttribute("content", Pattern.compile("thinking"));
    }

    /** Gives the server a page with another text, and the worker that keeps it. */
    private void putNewVersion(String page, String text, String replacement) throws Exception {
        String html = Files.readString(EditorPages.FOLDER.resolve(page)).replace(text, replacement);
        Files.writeString(otherPages.resolve(page), html);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(html.getBytes(UTF_8));
        String integrity = '"' + page + "\":\"sha256-" + Base64.getEncoder().encodeToString(digest) + '"';
        String worker = Files.readString(EditorPages.FOLDER.resolve("sw.js"))
                .replaceFirst("const VERSION = \"\\w+\"", "const VERSION = \"next\"")
                .replaceFirst('"' + Pattern.quote(page) + "\":\"[^\"]+\"", integrity);
        Files.writeString(otherPages.resolve("sw.js"), worker);
    }

    private static void append(Window window, String words) {
        text(window).click();
        window.press("Control+End");
        window.type(words);
    }

    @Test
    void reloadKeepsText() {
        Window first = open();
        Window second = open();
        write(first, "kept");
        assertThat(text(second)).hasText("kept");

        first.page().reload();
        first.awaitConnected();
        assertThat(text(first)).hasText("kept");
    }

    @Test
    void localCopyOpensWithoutServer() {
        Window window = site.openRoutedDocument(NAME);
        write(window, "on this device");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        window.disconnectForGood();
        assertThat(window.state()).containsText("Kept on this device");

        window.page().reload();

        assertThat(text(window)).hasText("on this device");
        assertThat(window.state()).hasText(OFFLINE);
    }

    @Test
    void copyOfADeletedDocumentIsSavedUnderAnotherName() {
        Window window = open();
        write(window, "for the concert");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        leaveAndDelete(window, NAME);

        window.page().navigate(site.address("document.html#" + NAME));
        assertThat(text(window)).hasText("for the concert");
        assertThat(window.state()).containsText("Copy of a deleted document");
        assertThat(window.page().getByTestId("notice-text")).containsText("kept on this device");
        window.screenshot(screenshot("document-deleted", Device.DESKTOP_LIGHT));
        window.page().getByTestId("notice-save").click();
        window.page().getByTestId("save-as-name").fill("concert");
        assertThat(Accessibility.findings(window.page(), 2)).isEmpty();
        window.page().getByTestId("save-as-confirm").click();
        assertThat(window.page().getByTestId("document-name")).hasText("concert");
        window.awaitConnected();
        assertThat(text(window)).hasText("for the concert");

        window.page().navigate(site.address("document.html#" + NAME));
        assertThat(window.page().getByTestId("document-name")).hasText(NAME);
        window.awaitConnected();
        assertThat(text(window)).containsText("Start writing");
    }

    @Test
    void windowsOfOneBrowserSyncOffline() {
        Window window = open();
        Window sibling = site.openDocumentAgain(NAME, window);
        window.setOffline(true);
        assertThat(window.state()).containsText("Offline");
        assertThat(sibling.state()).containsText("Offline");

        write(window, "both");
        assertThat(text(sibling)).hasText("both");
        assertThat(sibling.page().locator("#people-count")).hasText("1"); // one user
        site.windows().forEach(Window::ignoreConnectionErrors);
    }

    @Test
    void invalidAwarenessIsShownAsAnonymous() {
        Window window = open();
        window.page().evaluate(INVALID_INPUT, site.address("yjs/" + NAME).replaceFirst("http", "ws"));
        assertThat(window.page().locator("#people-count")).hasText("6");
        window.page().getByTestId("people-open").click();
        assertThat(window.page().getByTestId("person")).hasCount(6);
        assertThat(window.page().getByTestId("people-list")).containsText("Somebody");
        assertThat(window.page().locator(".caret")).hasCount(0);
        window.press("Escape");
        write(window, "still here");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
    }

    @Test
    void unstoredEditsAreNotShownAsSaved() {
        Window window = site.openRoutedDocument(NAME);
        window.page().route("**/api/documents/" + NAME + "/stored", route -> route.fulfill(json("""
                        {"document":"minutes","stateVector":"AA==","complete":false,"failure":"the disk is full"}""")));
        assertThat(window.page().getByTestId("saved")).hasText("Saved");

        window.setConfirming(false);
        write(window, "important");
        assertThat(window.page().getByTestId("saved")).hasText("Saving …");
        assertThat(window.page().getByTestId("saved")).hasText("Not saved yet");
        assertThat(window.page().getByTestId("notice-text"))
                .hasText("The server says: the disk is full. Keep this page open, or download a copy.");

        window.setConfirming(true);
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        assertThat(window.page().getByTestId("notice")).isHidden();
    }

    @Test
    void editsAreUnsavedAfterServerRestart() throws IOException {
        Window window = site.openRoutedDocument(NAME);
        write(window, "important");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");

        site.stopServer();
        assertThat(window.state()).containsText("Offline");
        window.setConfirming(false);
        site.startServerAgain();
        window.awaitConnected();
        assertThat(window.page().getByTestId("saved")).hasText("Saving …");

        window.setConfirming(true);
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        window.ignoreConnectionErrors();
    }
}
