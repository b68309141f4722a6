package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page of a document in a real browser, with a real server. */
class EditorIT extends BrowserTest {
    private static final String NAME = "minutes";

    private static final String SOME_TEXT = """
            # Minutes
            Everybody was *there*, and **nobody** said `no`. See [the plan](#plan) or <https://example.org/>.

            > What is late is late.

            ## Plan
            1. Tune
            2. Play

            | Who | Bars |
            | --- | ---: |
            | Ada | 32 |
            """;

    private static final String HOSTILE_TEXT = """
            <script>document.title = 'script'</script>
            <img src=x onerror="document.title = 'image'">
            [link](javascript:document.title='link') ![picture](https://example.org/spy.png)
            <a href="javascript:1" onclick="1">anchor</a> <style>body{display:none}</style>
            """;

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

    /** Sends a Yjs update: "a" in bold, a picture, "b", and a line end of two characters. */
    private static final String PICTURE = """
            address => new Promise(resolve => {
              const update = [1, 5, 7, 0, 4, 1, 4, 116, 101, 120, 116, 1, 97, 132, 7, 0, 3, 98, 13, 10, 197, 7, 0, 7, 1, 11, 123, 34, 105,
                109, 97, 103, 101, 34, 58, 49, 125, 70, 7, 0, 4, 98, 111, 108, 100, 4, 116, 114, 117, 101, 198, 7, 0, 7, 4, 4, 98, 111,
                108, 100, 4, 110, 117, 108, 108, 0];
              const socket = new WebSocket(address);
              socket.onopen = () => {
                socket.send(new Uint8Array([0, 2, update.length, ...update]));
                resolve();
              };
            })
            """;

    @BeforeAll
    static void requirePages() {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
    }

    // ---- Editing

    @Test
    void concurrentEditsConverge() {
        Window first = open();
        Window second = open();

        text(first).click();
        text(second).click();
        for (int i = 0; i < 30; i++) {
            first.type("a");
            second.type("b");
        }

        awaitSame(first, second);
        assertThat(written(first)).hasSize(60).matches("[ab]*");
        assertThat(first.page().getByTestId("saved")).hasText("Saved");
    }

    @Test
    void remoteCursorsShowNameAndPosition() {
        Window first = open();
        Window second = open();
        rename(first, "Ada");
        assertThat(second.page().locator("#people-count")).hasText("2");

        text(first).click();
        first.type("one two");
        Locator flag = second.page().locator(".flag");
        assertThat(flag).hasAttribute("data-name", "Ada");
        first.press("Control+Shift+ArrowLeft");
        assertThat(second.page().locator(".selected")).hasText("two");
        assertThat(second.page().locator(".selected").getAttribute("style")).contains("--who: #");

        second.page().getByTestId("people-open").click();
        assertThat(second.page().getByTestId("person").last()).containsText("Ada");
        assertThat(second.page().getByTestId("person").first()).containsText("(you)");
        site.close(first);
        assertThat(flag).hasCount(0);
        assertThat(second.page().getByTestId("person")).hasCount(1);
    }

    @Test
    void undoAffectsOwnEditsOnly() {
        Window first = open();
        Window second = open();
        write(first, "mine ");
        assertThat(text(second)).hasText("mine");
        text(second).click();
        second.press("Control+End");
        second.type("theirs");
        assertThat(text(first)).hasText("mine theirs");

        text(first).focus();
        first.press("Control+z");
        assertThat(text(second)).hasText("theirs");
        first.press("Control+Shift+Z");
        assertThat(text(second)).hasText("mine theirs");
        second.page().getByTestId("undo").click();
        assertThat(text(first)).hasText("mine");
    }

    @Test
    void embeddedContentTakesOnePosition() {
        Window window = open();
        window.page().evaluate(PICTURE, site.address("yjs/" + NAME).replaceFirst("http", "ws"));
        assertThat(text(window).locator(".cm-specialChar").first()).isVisible();
        window.page().reload();
        Window late = open();
        text(late).click();
        late.press("Control+End");
        late.press("ArrowLeft");
        late.press("ArrowLeft");
        late.type("z");
        awaitSame(window, late);
        assertThat(window.page().getByTestId("page")).hasText("abz");
    }

    @Test
    void unnamedDocumentGetsUnguessableName() {
        Window window = site.openDocument("", Device.DESKTOP_LIGHT);
        assertThat(window.page()).hasURL(Pattern.compile("#[a-z]+-[a-z]+-[a-z2-9]{12}$"));
        assertThat(window.page().getByTestId("document-name")).hasText(Pattern.compile("^[a-z]+-[a-z]+-[a-z2-9]{12}$"));
    }

    // ---- Offline

    @Test
    void offlineEditsAreMerged() {
        Window home = open();
        Window train = open();
        write(home, "start ");
        assertThat(text(train)).hasText("start");

        train.setOffline(true);
        assertThat(train.state()).hasText(Pattern.compile("Offline\\s+Kept on this device"));
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
    void reloadKeepsText() {
        Window first = open();
        open();
        write(first, "kept");
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
        assertThat(window.state()).hasText(Pattern.compile("Offline\\s+Kept on this device"));
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

    // ---- Reading

    @Test
    void previewRendersMarkdown() {
        Window window = open();
        write(window, SOME_TEXT);
        Locator page = window.page().getByTestId("page");
        assertThat(page.locator("h1")).hasText("Minutes");
        assertThat(page.locator("strong")).hasText("nobody");
        assertThat(page.locator("td.right")).hasText("32");
        assertThat(page.locator("a").last()).hasAttribute("rel", "noopener noreferrer");

        page.locator("a").first().click(); // to a heading of the same document
        assertThat(window.page().getByTestId("document-name")).hasText(NAME);
        assertThat(page.locator("h2")).isInViewport();
    }

    @Test
    void previewEscapesHtmlAndScripts() {
        Window window = open();
        write(window, HOSTILE_TEXT);
        Locator page = window.page().getByTestId("page");
        assertThat(page).containsText("onerror");
        assertThat(page.locator("script, img, style, [onclick], [href^='javascript']"))
                .hasCount(0);
        assertThat(page.locator("a")).hasText("Picture: picture");
        assertThat(window.page()).hasTitle(NAME + " · Tutti");
    }

    @Test
    void downloadContainsText() throws IOException {
        Window window = open();
        write(window, SOME_TEXT);
        awaitText(window, SOME_TEXT);
        Download download = window.page()
                .waitForDownload(() -> window.page().getByTestId("download").click());
        assertThat(download.suggestedFilename()).isEqualTo(NAME + ".md");
        assertThat(Files.readString(download.path())).isEqualTo(SOME_TEXT);
    }

    // ---- Accessibility

    @Test
    void tabReachesEveryControlVisibly() {
        assertReachedByTab(open());
    }

    @Test
    void keyboardAloneSuffices() {
        Window window = open();
        window.type("x");
        assertThat(text(window)).hasText("x"); // the text has the focus
        window.press("Tab");
        assertThat(window.page().locator("#frame")).isFocused(); // Tab leaves the text
        window.press("Shift+Tab");
        window.type("y");
        assertThat(text(window)).hasText("xy");
        window.press("Control+f");
        assertThat(window.page().locator("input[name=search]")).isFocused();
        window.press("Escape");
        window.type("z");
        assertThat(text(window)).hasText("xyz");
    }

    @ParameterizedTest
    @EnumSource
    void pageFitsAndIsReadable(Device device) {
        Window other = open();
        Window window = site.openDocument(NAME, device);
        rename(other, "Ada");
        write(window, SOME_TEXT);
        awaitSame(other, window);
        text(other).click();
        other.press("Control+End");
        other.press("Control+Shift+ArrowLeft");
        assertThat(window.page().locator(".flag")).hasAttribute("data-name", "Ada");
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        assertFit(window, device);
        window.screenshot(screenshot("document", device));

        if (device.phone) {
            window.page().locator("#view-read").click();
            assertThat(window.page().getByTestId("page").locator("h1")).isVisible();
            assertFit(window, device);
            window.screenshot(screenshot("document-preview", device));
        }
        window.setOffline(true);
        assertThat(window.page().getByTestId("notice")).isVisible();
        assertFit(window, device);
        window.screenshot(screenshot("document-offline", device));
        window.ignoreConnectionErrors();
    }

    // ---- The list of documents

    @Test
    void listShowsLatestDocumentsFirst() {
        writeAndLeave("agenda");
        write(site.openDocument("notes", Device.DESKTOP_LIGHT), "for the concert");
        Window window = site.openDocuments(Device.DESKTOP_LIGHT);
        Locator documents = window.page().getByTestId("document");
        reloadUntilOpen(window, "notes", "agenda");

        window.page().getByTestId("filter").fill("AG");
        assertThat(documents).hasCount(1);
        assertThat(documents).containsText("agenda");
        window.page().getByTestId("filter").fill("none");
        assertThat(window.page().getByTestId("empty")).containsText("No document matches");
    }

    @Test
    void deletionAsksAndExplainsFailure() {
        writeAndLeave("agenda");
        write(site.openDocument("notes", Device.DESKTOP_LIGHT), "for the concert");
        Window window = site.openDocuments(Device.DESKTOP_LIGHT);
        Locator documents = window.page().getByTestId("document");
        reloadUntilOpen(window, "notes", "agenda");
        Locator dialog = window.page().getByTestId("delete");

        window.page().getByLabel("Delete notes").click();
        assertThat(dialog).containsText("Delete notes?");
        window.page().getByTestId("delete-confirm").click();
        assertThat(dialog).containsText("Somebody has it open.");
        window.press("Escape");
        assertThat(dialog).isHidden();
        assertThat(window.page().locator("button[aria-label='Delete notes']")).isFocused();

        window.page().getByLabel("Delete agenda").click();
        window.page().getByTestId("delete-confirm").click();
        assertThat(dialog).isHidden();
        assertThat(documents).hasCount(1);
        window.page().reload();
        assertThat(documents).hasCount(1);
        assertThat(documents).containsText("notes");
        window.browserErrors().removeIf(error -> error.contains("409"));
    }

    @Test
    void forbiddenListShowsLocalDocuments() {
        Window window = site.openDocuments(
                Device.DESKTOP_LIGHT,
                page -> page.route(
                        "**/api/documents?*", route -> route.fulfill(json("{}").setStatus(403))));
        assertThat(window.page().getByTestId("empty")).containsText("No documents yet");

        window.page().getByTestId("name").fill("My minutes");
        window.press("Enter");
        assertThat(window.page().getByTestId("document-name")).hasText("My-minutes");
        window.awaitConnected();
        window.page().getByLabel("All documents").click();
        assertThat(window.page().getByTestId("document")).containsText("My-minutes");
        assertThat(window.page().getByTestId("note")).containsText("This server lists no documents");

        window.page().getByTestId("name").fill("../etc");
        window.press("Enter");
        assertThat(window.page().locator("#name-hint")).containsText("does not start with a dot");
        window.browserErrors().removeIf(error -> error.contains("403"));
    }

    @Test
    void startPageLinksToList() {
        Window window = site.openStart(Device.DESKTOP_LIGHT);
        twoDocuments(window.page());
        window.page().locator("#documents").click();
        assertThat(window.page().getByTestId("document")).hasCount(2);
        assertReachedByTab(window);
    }

    @ParameterizedTest
    @EnumSource
    void listFitsAndIsReadable(Device device) {
        Window window = site.openDocuments(device, EditorIT::twoDocuments);
        assertThat(window.page().getByTestId("document")).hasCount(2);
        assertFit(window, device);
        window.screenshot(screenshot("documents", device));
        window.page().getByLabel("Delete notes").click();
        assertThat(Accessibility.findings(window.page())).containsExactly("only 2 controls have a name");
        window.screenshot(screenshot("documents-delete", device));
    }

    private void writeAndLeave(String name) {
        Window window = site.openDocument(name, Device.DESKTOP_LIGHT);
        write(window, name);
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        site.close(window);
    }

    /** Reloads the list until only the first document is open: the server learns a little later that a client has left. */
    private static void reloadUntilOpen(Window window, String first, String second) {
        Locator documents = window.page().getByTestId("document");
        window.page().waitForCondition(() -> {
            window.page().reload();
            assertThat(documents).hasCount(2);
            return documents.locator(".open:not(:empty)").count() == 1;
        });
        assertThat(documents.first()).containsText(first);
        assertThat(documents.first()).containsText("1 here now");
        assertThat(documents.last()).containsText(second);
    }

    private static void twoDocuments(Page page) {
        page.route("**/api/documents?*", route -> route.fulfill(json("""
                {"documents":[{"name":"agenda","bytes":300,"changed":"2026-01-01T07:00:00Z","open":0},
                {"name":"notes","bytes":12345,"changed":"2026-01-02T07:00:00Z","open":2}],"more":false}""")));
    }

    private static Route.FulfillOptions json(String body) {
        return new Route.FulfillOptions().setContentType("application/json").setBody(body);
    }

    // ---- Actions and observations

    private Window open() {
        return site.openDocument(NAME, Device.DESKTOP_LIGHT);
    }

    private static Locator text(Window window) {
        return window.page().getByTestId("text");
    }

    /** Inserts text like a paste, without the editor's list continuation. */
    private static void write(Window window, String words) {
        text(window).click();
        window.page().keyboard().insertText(words);
    }

    private static void awaitText(Window window, String words) {
        assertThat(text(window).locator(".cm-route"))
                .hasCount((int) words.chars().filter(c -> c == '\n').count() + 1);
    }

    /** Waits until two windows show the same text, which is not empty. */
    private static void awaitSame(Window one, Window other) {
        one.page()
                .waitForCondition(() -> !written(one).isEmpty() && written(one).equals(written(other)));
    }

    private static String written(Window window) {
        return String.join("\n", text(window).locator(".cm-route").allTextContents());
    }

    private static void rename(Window window, String name) {
        window.page().getByTestId("people-open").click();
        window.page().getByTestId("my-name").fill(name);
        window.press("Enter");
        window.press("Escape");
    }
}
