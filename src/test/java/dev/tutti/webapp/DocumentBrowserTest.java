package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import org.junit.jupiter.api.BeforeAll;

/** A test with windows that show a document. */
abstract class DocumentBrowserTest extends BrowserTest {
    static final String NAME = "minutes";

    @BeforeAll
    static void requirePages() {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
    }

    static Route.FulfillOptions json(String body) {
        return new Route.FulfillOptions().setContentType("application/json").setBody(body);
    }

    Window open() {
        return site.openDocument(NAME, Device.DESKTOP_LIGHT);
    }

    static Locator text(Window window) {
        return window.page().getByTestId("text");
    }

    /** Inserts text like a paste, without the editor's list continuation. */
    static void write(Window window, String words) {
        text(window).click();
        window.page().keyboard().insertText(words);
    }

    static void awaitText(Window window, String words) {
        assertThat(text(window).locator(".cm-line"))
                .hasCount((int) words.chars().filter(c -> c == '\n').count() + 1);
    }

    /** Waits until two windows show the same text, which is not empty. */
    static void awaitSame(Window one, Window other) {
        one.page()
                .waitForCondition(() -> !written(one).isEmpty() && written(one).equals(written(other)));
    }

    static String written(Window window) {
        return String.join("\n", text(window).locator(".cm-line").allTextContents());
    }

    static void rename(Window window, String name) {
        window.page().getByTestId("people-open").click();
        window.page().getByTestId("my-name").fill(name);
        window.press("Enter");
        window.press("Escape");
    }
}
