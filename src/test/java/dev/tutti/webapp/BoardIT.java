package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The board of a room in a real browser, with a real server. */
class BoardIT extends RoomBrowserTest {
    private static final String NOTE_IN_THE_MIDDLE = """
            () => {
              const { left, top, width, height } = document.getElementById('stage').getBoundingClientRect();
              const distance = note => {
                const box = note.getBoundingClientRect();
                return Math.hypot(box.left - left - width / 2, box.top - top - height / 2);
              };
              return [...document.querySelectorAll('.paper')].sort((a, b) => distance(a) - distance(b))[0].dataset.id;
            }
            """;

    /** Counts how often a picture has stood in for the board. */
    private static final String RECORD_PICTURE = """
            () => {
              window.pictures = 0;
              const overview = document.getElementById('overview');
              new MutationObserver(() => { if (!overview.hidden) pictures++; }).observe(overview, { attributeFilter: ['hidden', 'style'] });
            }
            """;

    @TempDir
    private Path data;

    @Override
    SiteServer server() throws IOException {
        SiteServer server = new EmbeddedServer(Map.of("data", data.toString()));
        server.start();
        return server;
    }

    @Test
    void noteChangesReachAll() {
        Window first = enter();
        Window second = enter();

        addNote(first, "Bar 32");
        assertThat(notes(second)).hasText("Bar 32");

        notes(second).dblclick();
        second.page().locator(".writing").fill("Bar 64");
        second.press("Escape");
        assertThat(notes(first)).hasText("Bar 64");

        String before = place(first);
        drag(first, notes(first), -200, -120);
        assertThat(place(first)).isNotEqualTo(before);
        awaitPlace(second, place(first));

        first.page().locator("input[name=color][value=blue]").check();
        assertThat(notes(second)).hasAttribute("data-color", "blue");

        second.page().locator("#undo").click(); // undoes only edits of that window
        assertThat(notes(first)).hasText("Bar 32");
        second.page().locator("#redo").click();
        assertThat(notes(first)).hasText("Bar 64");
        second.press("Control+z");
        assertThat(notes(first)).hasText("Bar 32");
        notes(first).press("Delete");
        assertThat(notes(second)).hasCount(0);
        first.press("Control+z");
        assertThat(notes(second)).hasText("Bar 32");
    }

    @Test
    void strokesAreSharedAndErasable() {
        Window first = enter();
        Window second = enter();

        first.page().getByLabel("Pen").check();
        stroke(first);
        assertThat(strokes(second)).hasCount(1);
        assertThat(strokes(first)).hasAttribute("d", strokes(second).getAttribute("d"));

        first.page().getByLabel("Eraser").check();
        first.page().mouse().click(stage(first).x + 150, stage(first).y + 100);
        assertThat(strokes(second)).hasCount(0);
        first.press("Control+z");
        assertThat(strokes(second)).hasCount(1);
    }

    @Test
    void slowDeviceShowsEveryStroke() {
        Window first = enter();
        Window slow = enter();
        slow.page().evaluate("() => { let now = 0; performance.now = () => now += 100; }"); // each stroke fills a frame

        first.page().getByLabel("Pen").check();
        stroke(first);
        assertThat(strokes(slow)).hasCount(1);
        stroke(first);
        assertThat(strokes(slow)).hasCount(2);
    }

    @Test
    void remotePointersShowNames() {
        Window first = enter();
        Window second = enter();
        rename(first, "Ada");

        BoundingBox stage = stage(first);
        first.page().mouse().move(stage.x + 300, stage.y + 200);

        Locator cursor = second.page().getByTestId("cursor");
        assertThat(cursor).hasText("Ada");
        assertThat(colors(first)).hasSize(2).isEqualTo(colors(second));
        BoundingBox place = cursor.boundingBox();
        assertThat(place.x).isBetween(stage.x + 295, stage.x + 305);
        assertThat(place.y).isBetween(stage.y + 195, stage.y + 205);
        first.page().mouse().move(5, 5);
        assertThat(cursor).hasCount(0);
    }

    @Test
    void latecomerSeesBoardAndMessages() {
        Window first = enter();
        addNote(first, "early");
        first.page().getByLabel("Pen").check();
        stroke(first);
        first.write("said early");
        first.awaitDelivered("said early");

        Window late = enter();
        assertThat(notes(late)).hasText("early");
        assertThat(strokes(late)).hasCount(1);
        late.awaitDelivered("said early");
    }

    @Test
    void keyboardAloneSuffices() {
        Window first = enter();
        Window second = enter();

        first.page().getByTestId("add-note").focus();
        first.press("Enter");
        first.type("by keyboard");
        first.press("Escape");
        assertThat(notes(first)).isFocused();
        assertThat(notes(second)).hasText("by keyboard");
        String before = place(second);
        for (int i = 0; i < 5; i++) {
            first.press("Shift+ArrowRight");
        }
        first.press("ArrowUp");
        assertThat(place(first)).isNotEqualTo(before);
        awaitPlace(second, place(first));
        first.press("c");
        assertThat(notes(second)).hasAttribute("data-color", "coral");
        first.press("Enter");
        first.type(" alone");
        first.press("Control+Enter");
        assertThat(notes(second)).hasText("by keyboard alone");
        first.press("Tab");
        first.press("Tab");
        first.press("Tab");
        assertThat(first.page().locator("#note-remove")).isFocused();
        first.press("Enter");
        assertThat(notes(second)).hasCount(0);
        assertThat(first.page().getByTestId("add-note")).isFocused();

        offline(first).press("Space");
        assertThat(offline(first)).hasAttribute("aria-checked", "true");
        offline(first).press("Space");
        first.awaitConnected();
        first.input().focus();
        first.type("two");
        first.press("Shift+Enter");
        first.type("lines");
        first.press("Enter");
        second.awaitDelivered("two\nlines");
    }

    // ---- Keeping

    @Test
    void boardOutlivesItsWindowsAndTheServer() throws IOException {
        Window first = enter();
        addNote(first, "kept");
        first.page().getByLabel("Pen").check();
        stroke(first);
        assertThat(saved(first)).hasText("Board saved");
        site.close(first);

        site.stopServer();
        site.startServerAgain();

        Window late = enter();
        assertThat(saved(late)).hasText("Board saved");
        assertThat(notes(late)).hasText("kept");
        assertThat(strokes(late)).hasCount(1);
    }

    @Test
    void boardOpensFromThisDeviceWithoutServer() {
        Window window = site.openRoutedRoom(ROOM);
        addNote(window, "on this device");
        assertThat(saved(window)).hasText("Board saved");
        window.disconnectForGood();
        assertThat(saved(window)).hasText("Board kept on this device");
        addNote(window, "alone");
        assertThat(saved(window)).hasText("Board kept on this device");

        window.page().reload();

        assertThat(notes(window)).hasText(new String[] {"on this device", "alone"});
        assertThat(saved(window)).hasText("Board kept on this device");
    }

    @Test
    void copyOfADeletedBoardIsDiscarded() {
        Window window = enter();
        addNote(window, "Bar 32");
        assertThat(saved(window)).hasText("Board saved");
        leaveAndDelete(window, ROOM + ":board");

        window.page().navigate(site.address("room.html#" + ROOM));
        assertThat(notes(window)).hasText("Bar 32");
        assertThat(window.page().getByTestId("board-notice")).containsText("This board was deleted.");
        window.page().getByTestId("board-discard").click();
        assertThat(notes(window)).hasCount(0);
        assertThat(saved(window)).hasText("Board saved");
    }

    @Test
    void twoWriteOnOneNote() {
        Window first = enter();
        Window second = enter();
        addNote(first, "the middle");
        assertThat(notes(second)).hasText("the middle");

        notes(first).dblclick();
        notes(second).dblclick();
        first.press("Home");
        first.type("first ");
        assertThat(second.page().locator(".writing")).hasValue("first the middle");
        second.type(" last");

        assertThat(first.page().locator(".writing")).hasValue("first the middle last");
        first.type("of all ");
        assertThat(second.page().locator(".writing")).hasValue("first of all the middle last");
    }

    // ---- Large boards

    @Test
    void fullBoardSaysSoAndTakesNothingNew() throws Exception {
        site.putBoard(ROOM, LargeBoard.update(9_999));
        Window window = enter();
        Locator notice = window.page().getByTestId("board-notice");
        Locator add = window.page().getByTestId("add-note");
        assertThat(saved(window)).hasText("Board saved");
        assertThat(notice).isHidden();

        addNote(window, "the last");
        assertThat(notice).hasText("The board is full: 10,000 notes and strokes. Remove some to add others.");
        assertThat(add).isDisabled();
        assertThat(window.page().getByLabel("Pen")).isDisabled();

        window.press("Delete");
        assertThat(notice).isHidden();
        assertThat(add).isEnabled();
    }

    @Test
    void largeBoardHasElementsForTheViewOnly() throws Exception {
        site.putBoard(ROOM, LargeBoard.update(2_000));
        Window window = enter();
        window.page().waitForCondition(() -> notes(window).count() > 0);
        assertThat(notes(window).count()).isLessThan(200);

        window.page().getByTestId("stage").focus();
        window.press("PageDown"); // the uppermost note
        Locator focused = window.page().locator(".paper:focus");
        assertThat(focused).isInViewport();
        assertThat(focused).hasClass(Pattern.compile("selected"));

        window.press("f");
        assertThat(notes(window)).hasCount(1_000);
        assertThat(strokes(window)).hasCount(1_000);
        wheelShowsPictureAndThenTheBoardInItsPlace(window);
    }

    private static void wheelShowsPictureAndThenTheBoardInItsPlace(Window window) {
        Page page = window.page();
        assertThat(page.getByTestId("zoom-scale")).hasText("10 %");
        Locator note = page.locator("[data-id=\"" + page.evaluate(NOTE_IN_THE_MIDDLE) + "\"]");
        BoundingBox before = note.boundingBox();
        page.evaluate(RECORD_PICTURE);

        page.mouse().move(before.x, before.y);
        page.keyboard().down("Control");
        for (int i = 0; i < 4; i++) {
            page.mouse().wheel(0, -50);
        }
        page.keyboard().up("Control");

        assertThat(page.getByTestId("zoom-scale")).hasText("27 %");
        page.waitForFunction("() => pictures > 0 && document.getElementById('overview').hidden");
        BoundingBox after = note.boundingBox();
        assertThat(after.x).isBetween(before.x - 3, before.x + 3);
        assertThat(after.y).isBetween(before.y - 3, before.y + 3);
        assertThat(after.width).isGreaterThan(before.width * 2);
    }

    // ---- Several items, zoom, keys, pictures

    @Test
    void severalItemsMoveAndGoTogether() {
        Window first = enter();
        Window second = enter();
        addNote(first, "one");
        addNote(first, "two");
        first.page().getByLabel("Pen").check();
        stroke(first);
        first.page()
                .getByLabel("Move", new Page.GetByLabelOptions().setExact(true))
                .check();
        assertThat(notes(second)).hasCount(2);
        BoundingBox stage = stage(first);

        first.page().mouse().move(stage.x + 20, stage.y + 70);
        first.page().mouse().down();
        first.page().mouse().move(stage.x + stage.width - 20, stage.y + stage.height - 90);
        first.page().mouse().up();
        Locator selected = first.page().locator(".paper.selected, #ink path.selected");
        assertThat(selected).hasCount(3);

        first.page().getByTestId("stage").focus();
        first.press("4");
        assertThat(second.page().locator("[data-color=blue]:is(.paper, #ink path)"))
                .hasCount(3);
        first.press("Shift+ArrowRight");
        assertThat(strokes(second)).hasAttribute("transform", "translate(40 0)");
        first.press("Delete");
        assertThat(notes(second)).hasCount(0);
        assertThat(strokes(second)).hasCount(0);
        first.press("Control+z");
        assertThat(notes(second)).hasCount(2);
        assertThat(strokes(second)).hasCount(1);
    }

    @Test
    void boardZoomsAroundThePointer() {
        Window window = enter();
        addNote(window, "stays");
        BoundingBox before = notes(window).boundingBox();
        window.page().mouse().move(before.x, before.y);
        window.page().keyboard().down("Control");
        window.page().mouse().wheel(0, 50);
        window.page().mouse().wheel(0, 50);
        window.page().keyboard().up("Control");
        Locator scale = window.page().getByTestId("zoom-scale");
        assertThat(scale).hasText("61 %");

        BoundingBox after = notes(window).boundingBox();
        assertThat(after.x).isBetween(before.x - 3, before.x + 3);
        assertThat(after.y).isBetween(before.y - 3, before.y + 3);
        assertThat(after.width).isLessThan(before.width * 0.65);
        window.page().getByTestId("stage").focus();
        window.press("0");
        assertThat(scale).hasText("100 %");
    }

    @Test
    void keysAreListedAndPicturesExported() {
        Window window = enter();
        window.page().getByTestId("stage").focus();
        window.press("?");
        assertThat(window.page().getByTestId("help")).isVisible();
        window.press("Escape");

        window.page().getByTestId("export").click();
        assertThat(window.page().getByTestId("word")).hasText("The board is empty: there is nothing to export.");
        addNote(window, "a picture of it");
        Download download = window.page()
                .waitForDownload(() -> window.page().getByTestId("export").click());
        assertThat(download.suggestedFilename()).isEqualTo(ROOM + ".png");
        assertThat(download.path()).isNotEmptyFile();
    }

    @Test
    void pastedTextBecomesANotePicturesAreRefused() {
        Window window = enter();
        String paste = "data => { const transfer = new DataTransfer();"
                + " if (data) transfer.setData('text/plain', data);"
                + " else transfer.items.add(new File(['x'], 'x.png', { type: 'image/png' }));"
                + " document.getElementById('stage').dispatchEvent("
                + "new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })); }";

        window.page().evaluate(paste, "");
        assertThat(window.page().getByTestId("word"))
                .hasText("A board holds notes and drawings, no pictures or files.");
        assertThat(notes(window)).hasCount(0);
        window.page().evaluate(paste, "from elsewhere");
        assertThat(notes(window)).hasText("from elsewhere");
    }

    @Test
    void tabReachesEveryControlVisibly() {
        Window window = enter();
        addNote(window, "a note");
        assertThat(notes(window)).hasText("a note");
        assertReachedByTab(window);
    }
}
