package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/** A test with windows that show a room. */
abstract class RoomBrowserTest extends BrowserTest {
    static final String ROOM = "brave-otter-42";

    @BeforeAll
    static void requirePages() {
        assumeThat(EditorPages.areBuilt()).as(EditorPages.MISSING).isTrue();
    }

    /** Returns the position of the only note on the board, as CSS. Windows may show other parts of the board. */
    static String place(Window window) {
        return (String) notes(window).evaluate("note => note.style.translate");
    }

    static void awaitPlace(Window window, String place) {
        window.page().waitForFunction("place => document.querySelector('.paper').style.translate === place", place);
    }

    static BoundingBox stage(Window window) {
        return window.page().getByTestId("stage").boundingBox();
    }

    static void stroke(Window window) {
        BoundingBox stage = stage(window);
        Mouse mouse = window.page().mouse();
        mouse.move(stage.x + 100, stage.y + 100);
        mouse.down();
        mouse.move(stage.x + 200, stage.y + 100, new Mouse.MoveOptions().setSteps(10));
        mouse.move(stage.x + 250, stage.y + 180, new Mouse.MoveOptions().setSteps(10));
        mouse.up();
    }

    static Locator strokes(Window window) {
        return window.page().locator("#ink path");
    }

    static Locator saved(Window window) {
        return window.page().getByTestId("saved");
    }

    static void chat(Window window, Device device) {
        if (device.phone) {
            window.page().locator("#view-chat").click();
        }
    }

    Window enter() {
        Window window = site.enter(ROOM, Device.DESKTOP_LIGHT);
        assertThat(window.page().getByTestId("log")).hasAttribute("aria-busy", "false");
        assertThat(window.page().getByTestId("stage")).hasAttribute("aria-busy", "false");
        return window;
    }

    static void addNote(Window window, String text) {
        window.page().getByTestId("add-note").click();
        window.type(text);
        window.press("Escape");
    }

    static Locator notes(Window window) {
        return window.page().getByTestId("note");
    }

    static Locator offline(Window window) {
        return window.page().getByTestId("offline");
    }

    static Locator people(Window window) {
        return window.page().getByTestId("people-open");
    }

    static Locator person(Window window, String name) {
        return window.page().getByTestId("person").filter(new Locator.FilterOptions().setHasText(name));
    }

    static void rename(Window window, String name) {
        people(window).click();
        window.page().getByTestId("my-name").fill(name);
        window.press("Enter");
        window.page()
                .getByTestId("people")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Close"))
                .click();
    }

    /** Returns the distinct colors of the users in the room. */
    static List<?> colors(Window window) {
        return (List<?>) window.page()
                .evaluate("() => [...new Set([...document.querySelectorAll('#faces .face')]"
                        + ".map(face => face.style.backgroundColor))].sort()");
    }

    static void drag(Window window, Locator what, int right, int down) {
        BoundingBox box = what.boundingBox();
        Page page = window.page();
        page.mouse().move(box.x + 40, box.y + 40);
        page.mouse().down();
        page.mouse().move(box.x + 40 + right, box.y + 40 + down, new Mouse.MoveOptions().setSteps(5));
        page.mouse().up();
    }
}
