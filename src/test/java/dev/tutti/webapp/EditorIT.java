package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Editing and reading a document in a real browser, with a real server. */
class EditorIT extends DocumentBrowserTest {
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

    /** A Yjs update with a paragraph "Hello", as TipTap writes it. */
    private static final byte[] OTHER_EDITORS_UPDATE = HexFormat.of()
            .parseHex("0103010007010764656661756c7403097061726167726170680700010006040001010548656c6c6f00");

    // ---- Editing

    @Test
    void invalidLinkSaysSo() {
        Window window = site.show("document.html#no/document", Device.DESKTOP_LIGHT);

        assertThat(window.page().getByTestId("invalid-name")).hasText("no/document");
        assertThat(window.page()).hasURL(Pattern.compile("#no/document$"));
    }

    @Test
    void documentOfAnotherEditorSaysSo() throws Exception {
        site.putDocument(NAME, OTHER_EDITORS_UPDATE);

        Window window = open();

        assertThat(window.page().getByTestId("other-parts"))
                .hasText("41 B in \u201cdefault\u201d, a usual name for TipTap");
        assertThat(text(window)).isHidden();
        Download download = window.page()
                .waitForDownload(
                        () -> window.page().getByTestId("other-download").click());
        assertThat(download.suggestedFilename()).isEqualTo(NAME + ".yjs");
        assertThat(Files.readAllBytes(download.path())).isEqualTo(OTHER_EDITORS_UPDATE);
    }

    @Test
    void boardOpensInItsRoom() throws Exception {
        site.putBoard("brave-otter-42", LargeBoard.update(3));

        Window window = site.show("document.html#brave-otter-42:board", Device.DESKTOP_LIGHT);

        assertThat(window.page()).hasURL(Pattern.compile("room\\.html#brave-otter-42$"));
        assertThat(window.page().getByTestId("note")).hasCount(2);
    }

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
    void clickOpensPeopleThatChangeMeanwhile() {
        Window first = open();
        Page page = first.page();
        BoundingBox face = page.locator("#faces .face").boundingBox();
        page.mouse().move(face.x + face.width / 2, face.y + face.height / 2);
        page.mouse().down();
        open();
        assertThat(page.locator("#people-count")).hasText("2");
        page.mouse().up();
        assertThat(page.getByTestId("my-name")).isVisible();
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
}
