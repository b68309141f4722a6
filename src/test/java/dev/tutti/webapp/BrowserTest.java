package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A test with one browser for all cases and a site for each case. It fails if a browser reports an error. */
abstract class BrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final int TIMEOUT_MILLIS = 15_000;

    /** Limit of {@link Window#layoutShift}. */
    static final double MAX_SHIFT = 0.02;

    private static Chromium chromium;

    Site site;

    @BeforeAll
    static void launchBrowser() {
        chromium = Chromium.launchIfThere();
        PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MILLIS);
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
        site = new Site(chromium, server());
    }

    /** Returns a site on another server, which is running. */
    static Site siteOn(SiteServer server) {
        return new Site(chromium, server);
    }

    /** Returns the server for a case. */
    SiteServer server() throws IOException {
        SiteServer server = new EmbeddedServer(Map.of());
        server.start();
        return server;
    }

    @AfterEach
    void assertNoBrowserErrors() {
        if (site == null) {
            return;
        }
        try (Site ending = site) {
            assertThat(ending.windows()).flatMap(Window::browserErrors).isEmpty();
            assertThat(ending.windows())
                    .allSatisfy(window -> assertThat(window.layoutShift()).isLessThan(MAX_SHIFT));
        }
    }

    static Path screenshot(String page, Device device) {
        return SCREENSHOTS.resolve(page + "-" + device.fileName());
    }

    /** Leaves a page that shows a document of which this device has a copy, and deletes the document on the server. */
    void leaveAndDelete(Window window, String document) {
        window.page()
                .waitForFunction("() => Object.keys(localStorage).some(key => key.startsWith('tutti:incarnation:'))");
        window.page().navigate("about:blank");
        HttpRequest deletion = HttpRequest.newBuilder(URI.create(site.address("api/documents/" + document)))
                .DELETE()
                .build();
        window.page().waitForCondition(() -> {
            try { // 409 until the server learns that the page has left
                HttpResponse<Void> answer =
                        HttpClient.newHttpClient().send(deletion, HttpResponse.BodyHandlers.discarding());
                return answer.statusCode() == 204;
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    static void assertFit(Window window, Device device) {
        assertThat(Accessibility.findings(window.page())).isEmpty();
        assertThat(window.page().evaluate("() => innerWidth")).isEqualTo(device.width);
    }

    /**
     * Expects that Tab reaches every control, with a visible focus. One radio button stands for its group: the arrow keys reach the others.
     */
    static void assertReachedByTab(Window window) {
        Object controls = window.page()
                .evaluate("() => [...document.querySelectorAll('a[href], button, input, textarea, [tabindex]')]"
                        + ".filter(e => e.checkVisibility() && !e.disabled && (e.type !== 'radio' || e.checked))"
                        + ".map(e => e.outerHTML)");
        List<Object> reached = new ArrayList<>();

        for (int i = 0; i < ((List<?>) controls).size() + 5; i++) { // a few more, for the browser's own stops
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
