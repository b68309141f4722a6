package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.websocket.NodeTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The npm package and the guide: examples with stock packages, built by Vite, the package's types, its documents in Node.js, and the guide's pages. */
class WebExamplesIT extends BrowserTest {
    /** Yjs clients send their carets again 15 seconds after the last change, also without a reconnection. */
    private static final LocatorAssertions.IsAttachedOptions BEFORE_RENEWAL =
            new LocatorAssertions.IsAttachedOptions().setTimeout(10_000);

    private static Path tests;
    private static WebExamples examples;

    @BeforeAll
    static void installExamples() throws Exception {
        NodeTests.requireNode();
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
        tests = WebExamples.install();
        examples = WebExamples.serve(tests);
    }

    @AfterAll
    static void stopExamples() {
        if (examples != null) {
            examples.close();
        }
    }

    @Override
    SiteServer server() throws IOException {
        SiteServer server = new EmbeddedServer(Map.of("origins", examples.origin()));
        server.start();
        return server;
    }

    private Window open(String example) {
        return examples.open(site, example);
    }

    private static Locator part(Window window, String id) {
        return window.page().getByTestId(id);
    }

    private static void say(Window window, String text) {
        part(window, "message").fill(text);
        part(window, "message").press("Enter");
    }

    private static Locator items(Window window, String list) {
        return part(window, list).locator("li");
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void packageWorksInNode() throws Exception {
        site.stopServer(); // there is one for each class loader
        NodeTests.run(tests);
    }

    @Test
    void reactAndVueShareRoomsAndDocuments() {
        Window react = open("react");
        assertThat(part(react, "messages")).hasAttribute("data-state", "joined");
        say(react, "from React");
        assertThat(items(react, "messages")).hasText(new String[] {"from React"});

        Window vue = open("vue");
        assertThat(items(vue, "messages")).hasText(new String[] {"from React"}); // of the history
        say(vue, "from Vue");
        for (Window window : new Window[] {react, vue}) {
            assertThat(items(window, "messages")).hasText(new String[] {"from React", "from Vue"});
            assertThat(part(window, "saved")).hasText("Saved");
        }

        assertThat(part(react, "people")).hasText("2 here; others: Vera");
        part(react, "name").fill("Grace");
        assertThat(part(vue, "people")).hasText("2 here; others: Grace");
        part(vue, "name").fill("Evan");
        assertThat(part(react, "people")).hasText("2 here; others: Evan");

        part(react, "add").click();
        assertThat(items(vue, "items")).hasText(new String[] {"milk"});
        part(vue, "add").click();
        for (Window window : new Window[] {react, vue}) {
            assertThat(items(window, "items")).hasText(new String[] {"milk", "bread"});
            assertThat(part(window, "saved")).hasText("Saved");
        }
    }

    @Test
    void unmountedComponentsLeaveTheRoom() {
        for (String example : new String[] {"react", "vue"}) {
            Window watching = open("react");
            Window window = open(example);
            assertThat(part(watching, "people")).containsText("2 here");

            part(window, "toggle").click();
            assertThat(part(watching, "people")).containsText("1 here");
            say(watching, "while you were away");

            part(window, "toggle").click();
            assertThat(part(watching, "people")).containsText("2 here");
            assertThat(items(window, "messages").last()).hasText("while you were away");
            assertThat(part(window, "saved")).hasText("Saved");
            site.close(window);
            site.close(watching);
        }
    }

    @Test
    void hooksRecoverAfterServerRestart() throws IOException {
        Window react = open("react");
        Window vue = open("vue");
        say(react, "before");
        assertThat(items(vue, "messages")).hasText(new String[] {"before"});
        react.ignoreConnectionErrors();
        vue.ignoreConnectionErrors();

        site.stopServer();
        assertThat(part(react, "connection")).not().hasText("open");
        site.startServerAgain();

        for (Window window : new Window[] {react, vue}) {
            assertThat(part(window, "connection")).hasText("open");
            assertThat(part(window, "people")).containsText("2 here");
            assertThat(part(window, "saved")).hasText("Saved");
        }
        say(vue, "after");
        assertThat(items(react, "messages").last()).hasText("after");
    }

    @Test
    void refusedOriginIsExplainedOnce() throws IOException {
        site.stopServer();
        SiteServer closed = new EmbeddedServer(Map.of());
        closed.start();
        try (Site other = siteOn(closed)) {
            for (String example : new String[] {"react", "vue"}) {
                Window window = examples.open(other, example);
                window.ignoreConnectionErrors();
                window.page().waitForCondition(() -> !window.browserErrors().isEmpty());
                assertThat(window.browserErrors())
                        .containsExactly("Tutti: no connection to http://127.0.0.1:" + closed.port()
                                + ". If that server runs, start it with --origins=" + examples.origin()
                                + " to let this page in.");
            }
        }
    }

    // ---- The guide

    @Test
    void chatShowsHistoryAndRecovers() throws IOException {
        Window first = open("chat");
        assertThat(first.page().locator("#state")).hasText("Connected");
        write(first, "hello");
        assertThat(first.page().locator("#messages li")).hasText(new String[] {"hello"});

        Window second = open("chat");
        assertThat(second.page().locator("#messages li")).hasText(new String[] {"hello"});
        second.ignoreConnectionErrors();
        first.ignoreConnectionErrors();
        site.stopServer();
        assertThat(second.page().locator("#state")).containsText("Not connected");
        write(second, "later");
        site.startServerAgain();
        assertThat(first.page().locator("#messages li").last()).hasText("later");
    }

    @Test
    void listMergesConcurrentChanges() {
        Window first = open("todo");
        Window second = open("todo");
        for (String item : new String[] {"milk", "bread"}) {
            write(first, item);
        }
        Locator boxes = second.page().getByRole(AriaRole.CHECKBOX);
        assertThat(boxes).hasCount(2);
        boxes.first().check();
        first.page().getByRole(AriaRole.CHECKBOX).last().check();
        for (Window window : new Window[] {first, second}) {
            assertThat(window.page().locator(":checked")).hasCount(2);
            assertThat(window.page().locator("#state")).hasText("Saved");
        }
        second.page().getByText("Remove").first().click();
        assertThat(first.page().locator("#items label")).hasText(new String[] {"bread"});
    }

    @ParameterizedTest
    @CsvSource({
        "codemirror, .cm-ySelectionCaret",
        "tiptap, .collaboration-carets__caret",
        "quill, .ql-cursor",
        "monaco, .yRemoteSelectionHead",
        "prosemirror, .ProseMirror-yjs-cursor",
        "lexical, body > div:not(#editor) > span",
        "blocknote, .bn-collaboration-cursor__base"
    })
    void editorsConvergeAndShowCaretsAfterServerRestart(String editor, String caret) throws IOException {
        Window first = openEditor(editor);
        Window second = openEditor(editor);
        writeInEditor(first, "one");
        assertThat(editor(second)).containsText("one");
        writeInEditor(second, "two");
        assertThat(editor(first)).containsText("two");
        Locator[] carets = {first.page().locator(caret), second.page().locator(caret)};
        for (Locator ofOther : carets) {
            assertThat(ofOther.first()).isAttached();
        }

        first.ignoreConnectionErrors();
        second.ignoreConnectionErrors();
        site.stopServer();
        for (Locator ofOther : carets) {
            assertThat(ofOther).hasCount(0);
        }
        site.startServerAgain();
        for (Locator ofOther : carets) {
            assertThat(ofOther.first()).isAttached(BEFORE_RENEWAL);
        }
        assertThat(first.page().locator("#state")).hasText("Saved");

        second.page().reload();
        assertThat(editor(second)).containsText("one");
        assertThat(editor(second)).containsText("two");
    }

    /** Opens an example of an editor, and waits for the content: an editor may ignore keys before it. */
    private Window openEditor(String example) {
        Window window = open(example);
        assertThat(window.page().locator("#state")).hasText("Saved");
        return window;
    }

    private static Locator editor(Window window) {
        return window.page().locator("#editor");
    }

    private static void writeInEditor(Window window, String text) {
        window.page()
                .locator("#editor[contenteditable=true], #editor [contenteditable=true], #editor textarea")
                .first()
                .focus();
        window.type(text);
    }

    @Test
    void pointersCarryNamesAndLeave() {
        Window first = open("presence");
        Window second = open("presence");
        assertThat(second.page().locator("#people")).hasText("2 here");
        first.page().locator("#name").fill("Grace");
        first.page().mouse().move(640, 400);
        Locator cursor = second.page().locator(".cursor");
        assertThat(cursor).hasText("↖ Grace");
        assertThat(cursor).hasAttribute("style", "left: 50%; top: 50%;");
        site.close(first);
        assertThat(cursor).hasCount(0);
    }

    private static void write(Window window, String text) {
        window.page().locator("#text").fill(text);
        window.press("Enter");
    }

    @Test
    void guidePagesFitAndLinkToExistingPages() {
        Window window = site.show("guide/", Device.PHONE_DARK);
        Locator links = window.page().locator("nav a");
        List<String> addresses =
                links.all().stream().map(link -> link.getAttribute("href")).toList();
        assertThat(addresses).contains("index.html", "chat.html", "comparison.html");
        for (String address : addresses) {
            window.page().navigate(site.address("guide/" + address));
            assertThat(window.page().locator("[aria-current=page]")).hasCount(1);
            assertFit(window, Device.PHONE_DARK);
            for (Locator link : window.page().locator("main a[href*='html']").all()) {
                assertThat(addresses).contains(link.getAttribute("href"));
            }
            for (Locator link : window.page().locator("main a[href^='#']").all()) {
                assertThat(window.page().locator(link.getAttribute("href"))).hasCount(1);
            }
        }
        window.screenshot(screenshot("guide", Device.PHONE_DARK));
        Window desktop = site.show("guide/todo.html", Device.DESKTOP_LIGHT);
        assertFit(desktop, Device.DESKTOP_LIGHT);
        desktop.screenshot(screenshot("guide", Device.DESKTOP_LIGHT));
    }
}
