package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A test with a browser for all its cases, and with a stage for each, on which no browser may complain. */
abstract class BrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final int PATIENCE_MILLIS = 15_000;

    /** Of {@link Window#layoutShift}. */
    private static final double MOST_SHIFT = 0.02;

    private static Chromium chromium;

    Stage stage;

    @BeforeAll
    static void launchBrowser() {
        chromium = Chromium.launchIfThere();
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    }

    @AfterAll
    static void closeBrowser() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void startTheServer() throws IOException {
        assumeThat(chromium).as(Chromium.MISSING).isNotNull();
        stage = new Stage(chromium, server());
    }

    /** Returns the server of a test. */
    StageServer server() throws IOException {
        StageServer server = new EmbeddedServer();
        server.start();
        return server;
    }

    @AfterEach
    void assertNoBrowserErrors() {
        if (stage == null) {
            return;
        }
        try (Stage ending = stage) {
            assertThat(ending.windows()).flatMap(Window::complaints).isEmpty();
            assertThat(ending.windows())
                    .allSatisfy(window -> assertThat(window.layoutShift()).isLessThan(MOST_SHIFT));
        }
    }

    static Path screenshot(String page, Look look) {
        return SCREENSHOTS.resolve(page + "-" + look.fileName());
    }

    static void assertFit(Window window, Look look) {
        assertThat(Accessibility.findings(window.page())).isEmpty();
        assertThat(window.page().evaluate("() => innerWidth")).isEqualTo(look.width);
    }

    /** One of several radio buttons stands for all: the arrow keys reach the others. */
    static void assertReachedByTab(Window window) {
        Object controls = window.page()
                .evaluate("() => [...document.querySelectorAll('a[href], button, input, textarea, [tabindex]')]"
                        + ".filter(e => e.checkVisibility() && !e.disabled && (e.type !== 'radio' || e.checked))"
                        + ".map(e => e.outerHTML)");
        List<Object> reached = new ArrayList<>();

        for (int i = 0; i < ((List<?>) controls).size() + 5; i++) { // some more: the browser's own stops
            window.press("Tab");
            reached.add(window.page().evaluate("() => document.activeElement.outerHTML"));
            assertThat(window.page()
                            .evaluate("() => document.activeElement === document.body"
                                    + " || [document.activeElement, document.activeElement.parentElement]"
                                    + ".some(e => getComputedStyle(e).outlineStyle === 'solid')"))
                    .isEqualTo(true);
        }

        assertThat(reached).containsAll((List<?>) controls);
    }
}
