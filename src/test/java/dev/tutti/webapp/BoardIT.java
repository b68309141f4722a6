package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.BoundingBox;
import org.junit.jupiter.api.Test;

/** The board of a room in a real browser, with a real server. */
class BoardIT extends RoomBrowserTest {
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

        BoundingBox before = notes(first).boundingBox();
        drag(first, notes(first), -200, -120);
        BoundingBox after = notes(first).boundingBox();
        assertThat(after.x).isLessThan(before.x - 190);
        awaitPlace(second, after);

        first.page().locator("input[name=color][value=blue]").check();
        assertThat(notes(second)).hasAttribute("data-color", "blue");

        second.page().locator("#undo").click(); // undoes only edits of that window
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
        assertThat(second.page().locator("#ink path")).hasCount(1);
        assertThat(first.page().locator("#ink path"))
                .hasAttribute("d", second.page().locator("#ink path").getAttribute("d"));

        second.page().getByLabel("Eraser").check();
        BoundingBox plane = second.page().getByTestId("plane").boundingBox();
        second.page().mouse().click(plane.x + 150, plane.y + 100);
        assertThat(first.page().locator("#ink path")).hasCount(0);
    }

    @Test
    void remotePointersShowNames() {
        Window first = enter();
        Window second = enter();
        rename(first, "Ada");

        BoundingBox plane = first.page().getByTestId("plane").boundingBox();
        first.page().mouse().move(plane.x + 300, plane.y + 200);

        Locator cursor = second.page().getByTestId("cursor");
        assertThat(cursor).hasText("Ada");
        assertThat(colors(first)).hasSize(2).isEqualTo(colors(second));
        BoundingBox place = cursor.boundingBox();
        assertThat(place.x).isBetween(plane.x + 295, plane.x + 305);
        assertThat(place.y).isBetween(plane.y + 195, plane.y + 205);
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
        assertThat(late.page().locator("#ink path")).hasCount(1);
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
        BoundingBox before = notes(second).boundingBox();
        for (int i = 0; i < 5; i++) {
            first.press("Shift+ArrowRight");
        }
        first.press("ArrowUp");
        awaitPlace(second, notes(first).boundingBox());
        assertThat(notes(second).boundingBox().x).isGreaterThan(before.x + 100);
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

    @Test
    void tabReachesEveryControlVisibly() {
        Window window = enter();
        addNote(window, "a note");
        assertThat(notes(window)).hasText("a note");
        assertReachedByTab(window);
    }
}
