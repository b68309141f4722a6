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

/** The toolbar, tickable lists, print and export of a document in a real browser, with a real server. */
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

    private static void press(Window window, String button) {
        window.page().getByTestId(button).click();
    }
}
