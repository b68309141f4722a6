package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Locator;
import dev.tutti.websocket.NodeTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The npm package with stock packages: its hooks in real React and Vue on Vite's dev server, its types, and its documents in Node.js. */
class WebExamplesIT extends BrowserTest {
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
        return site.showElsewhere(examples.page(example, site.port()));
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
                Window window = other.showElsewhere(examples.page(example, closed.port()));
                window.ignoreConnectionErrors();
                window.page().waitForCondition(() -> !window.browserErrors().isEmpty());
                assertThat(window.browserErrors())
                        .containsExactly("Tutti: no connection to http://127.0.0.1:" + closed.port()
                                + ". If that server runs, start it with --origins=" + examples.origin()
                                + " to let this page in.");
            }
        }
    }
}
