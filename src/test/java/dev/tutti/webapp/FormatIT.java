package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Media;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The toolbar, tickable lists, print, export and versions of a document in a real browser, with a real server. */
class FormatIT extends DocumentBrowserTest {
    private static final String TASKS = "# Plan\n- [ ] Tune\n- [x] Play";

    private static final String HOSTILE_TEXT =
            "# Plan\n\n[up](#plan) [bad](javascript:alert(1)) <script>1</script> &copy;\n\n- [x] <img src=x onerror=1>";

    @Test
    void toolbarWritesMarkdown() {
        Window window = open();
        write(window, "word");

        press(window, "bold");
        assertThat(text(window)).hasText("**word**");
        press(window, "italic");
        assertThat(text(window)).hasText("***word***");
        window.press("Control+b"); // the text kept the focus
        assertThat(text(window)).hasText("*word*");
        press(window, "italic");
        assertThat(text(window)).hasText("word");

        press(window, "heading");
        press(window, "heading");
        assertThat(text(window)).hasText("## word");
        press(window, "tick-list");
        assertThat(text(window)).hasText("- [ ] word");
        press(window, "list");
        assertThat(text(window)).hasText("- word");
        press(window, "list");
        assertThat(text(window)).hasText("word");
        press(window, "undo");
        assertThat(text(window)).hasText("- word");
        press(window, "undo");
        assertThat(text(window)).hasText("- [ ] word");
    }

    @Test
    void ticksToggleInTextAndPreview() {
        Window first = open();
        Window second = open();
        write(first, TASKS);
        Locator boxes = second.page().getByTestId("page").getByRole(AriaRole.CHECKBOX);
        assertThat(boxes).hasCount(2);
        assertThat(boxes.first()).not().isChecked();
        assertThat(boxes.last()).isChecked();

        boxes.first().focus();
        second.press("Space");
        assertThat(boxes.first()).isChecked();
        assertThat(boxes.first()).isFocused();
        assertThat(text(first).locator(".cm-line").nth(1)).hasText("- [x] Tune");

        text(first).locator(".box").last().click();
        assertThat(text(second).locator(".cm-line").nth(2)).hasText("- [ ] Play");
        assertThat(boxes.last()).not().isChecked();
    }

    @Test
    void exportIsSafeAndPaperHasTextAlone() throws Exception {
        Window window = open();
        write(window, HOSTILE_TEXT);
        Page page = window.page();
        assertThat(page.getByTestId("page").locator("h1")).hasText("Plan");

        Download download =
                page.waitForDownload(() -> page.getByTestId("export").click());

        assertThat(download.suggestedFilename()).isEqualTo(NAME + ".html");
        assertThat(Files.readString(download.path()))
                .startsWith("<!DOCTYPE html>")
                .contains(
                        "default-src 'none'",
                        "<title>minutes</title>",
                        "<h1 id=\"plan\">Plan</h1>",
                        "<a href=\"#plan\">up</a>",
                        "©")
                .contains("<input type=\"checkbox\" checked=\"\" aria-label=\"&lt;img src=x onerror=1&gt;\""
                        + " disabled=\"\">")
                .doesNotContain("<script", "<img", "href=\"javascript", "data-");

        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(page.getByTestId("page").locator("h1")).isVisible();
        for (String hidden : new String[] {"header", "#write", "#print"}) {
            assertThat(page.locator(hidden)).isHidden();
        }
        window.resetLayoutShift();
    }

    @Test
    void versionIsKeptShownRestoredAndUndone() {
        Window first = open();
        Window second = open();
        write(first, "one\ntwo");
        awaitText(second, "one\ntwo");
        Page page = first.page();
        assertThat(page.getByTestId("saved")).hasAttribute("data-saved", "saved");

        press(first, "versions-open");
        Locator dialog = page.getByTestId("versions");
        assertThat(page.getByTestId("version-status")).containsText("No version yet");
        page.getByTestId("version-title").fill("Before the concert");
        first.press("Enter");
        Locator version = page.getByTestId("version");
        assertThat(version).hasCount(1);
        assertThat(version).containsText("Before the concert");
        assertThat(version).containsText("by guests");
        assertThat(page.getByTestId("version-trouble")).isEmpty();
        assertThat(Accessibility.findings(page, 2)).isEmpty();
        first.press("Escape");
        assertThat(dialog).isHidden();

        write(first, "\nthree");
        awaitText(second, "one\ntwo\nthree");
        press(first, "versions-open");
        version.getByRole(AriaRole.BUTTON).click();
        assertThat(page.getByTestId("version-text")).hasText("one two");
        assertThat(page.getByTestId("version-name")).isFocused();
        first.screenshot(screenshot("version", Device.DESKTOP_LIGHT));
        press(first, "version-restore");
        assertThat(dialog).isHidden();
        awaitText(first, "one\ntwo");
        awaitText(second, "one\ntwo");
        press(first, "undo");
        awaitText(second, "one\ntwo\nthree");
        awaitSame(first, second);
    }

    private static void press(Window window, String button) {
        window.page().getByTestId(button).click();
    }
}
