package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page of a room in a real browser, with a real server. */
class RoomIT extends BrowserTest {
    private static final String ROOM = "brave-otter-42";

    /** Publishes invalid data and states in all rooms of the page. */
    private static final String INVALID_INPUT = """
            async room => {
              const { Tutti } = await import('./tutti.js');
              const tutti = new Tutti('connect');
              const evil = '<img src=x onerror="document.title=1">';
              const wrong = [null, 7, 'a string', [], {}, { id: 'x', text: evil, name: evil }, { id: 1, text: 2 },
                { id: 'y', name: 'a'.repeat(5000) + '\\u202e', text: 'b'.repeat(20000) }, { do: 'add', item: { kind: 'note', id: 'z',
                x: 1e300, y: -1, text: evil.repeat(50), color: evil } }, { do: 'snapshot', base: 1e9, items: 7 }, { do: 'set', id: 'z' }];
              const states = [7, evil, { name: evil, device: evil, x: 'a', y: {}, drag: 1, edit: {} },
                { name: {}, x: 1e300, y: 10, drag: { id: 'z', x: -1e9, y: 5 }, edit: 'z' }];
              for (const name of [room, `${room}:board`]) {
                const joined = tutti.room(name);
                for (const data of wrong) await joined.publish(data);
                for (const state of states) {
                  joined.setState(state);
                  await new Promise(resolve => setTimeout(resolve, 50));
                }
              }
            }
            """;

    private static final String MANY_MESSAGES = """
            async ([room, count]) => {
              const { Tutti } = await import('./tutti.js');
              const tutti = new Tutti('connect');
              const joined = tutti.room(room);
              await Promise.all(Array.from({ length: count }, (_, i) => joined.publish({ id: `old-${i}`, name: 'Old', text: `old ${i}` })));
              tutti.close();
            }
            """;

    // ---- The board

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

    private static void awaitPlace(Window window, BoundingBox place) {
        window.page()
                .waitForFunction(
                        "([x, y]) => { const box = document.querySelector('.paper').getBoundingClientRect();"
                                + " return Math.abs(box.x - x) < 2 && Math.abs(box.y - y) < 2 }",
                        List.of(place.x, place.y));
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

    private static void stroke(Window window) {
        BoundingBox plane = window.page().getByTestId("plane").boundingBox();
        Mouse mouse = window.page().mouse();
        mouse.move(plane.x + 100, plane.y + 100);
        mouse.down();
        mouse.move(plane.x + 200, plane.y + 100, new Mouse.MoveOptions().setSteps(10));
        mouse.move(plane.x + 250, plane.y + 180, new Mouse.MoveOptions().setSteps(10));
        mouse.up();
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

    // ---- Messages

    @Test
    void messagesShowAuthorAndOwnership() {
        Window first = enter();
        Window second = enter();
        rename(first, "Ada");
        first.write("hello");
        second.awaitDelivered("hello");
        assertThat(second.messages("hello")).containsText("Ada");
        assertThat(second.messages("hello")).hasAttribute("data-mine", "false");
        assertThat(first.messages("hello")).hasAttribute("data-mine", "true");

        second.input().pressSequentially("an");
        assertThat(first.page().getByTestId("typing")).containsText("is writing");
    }

    @Test
    void olderMessagesLoadInPages() {
        Window first = enter();
        first.page().evaluate(MANY_MESSAGES, List.of(ROOM, 75));
        Window late = enter();
        Locator earlier = late.page().getByTestId("earlier");
        assertThat(late.messages()).hasCount(30);

        earlier.press("Enter"); // may load two pages: scrolling near the top loads one as well
        late.page().waitForFunction("() => document.querySelectorAll('.message').length >= 60");
        earlier.evaluate("button => button.click()");
        assertThat(late.messages()).hasCount(75);
        assertThat(earlier).isHidden();
        assertThat(late.texts())
                .isEqualTo(IntStream.range(0, 75).mapToObj(i -> "old " + i).toList());
    }

    @Test
    void queuedMessageSurvivesReload() {
        Window first = enter();
        Window second = enter();
        offline(first).click();
        first.write("from the other side");
        assertThat(first.messages("from the other side")).containsText("Waiting to send");

        first.page().reload();
        first.awaitDelivered("from the other side");
        second.awaitDelivered("from the other side");
        first.page().reload();
        first.awaitDelivered("from the other side");
        site.send(second, "answer");
        assertThat(second.texts()).isEqualTo(first.texts()).containsExactly("from the other side", "answer");
    }

    // ---- Offline and recovery

    @Test
    void missedMessagesAreRecoveredAndCounted() {
        Window first = enter();
        Window second = enter();
        site.send(first, "before");

        offline(first).click();
        assertThat(first.state()).containsText("Offline");
        assertThat(first.page().getByTestId("notice")).containsText("You are offline");
        for (int i = 0; i < 12; i++) {
            second.write("meanwhile " + i);
        }
        second.awaitDelivered(13);
        first.write("from offline");
        addNote(first, "offline, too");
        assertThat(first.page().getByTestId("notice-waiting")).containsText("of your changes waiting");
        assertThat(first.messages()).hasCount(2);
        assertThat(notes(second)).hasCount(0);

        offline(first).click();
        assertThat(first.page().getByTestId("notice-title")).hasText("12 messages missed, 12 recovered");
        second.awaitDelivered("from offline");
        assertThat(notes(second)).hasText("offline, too");
        assertThat(first.texts()).isEqualTo(second.texts()).hasSize(14).startsWith("before", "meanwhile 0");
        assertThat(first.page().getByText("You missed 12 messages")).isVisible();
    }

    @Test
    void expiredMessagesAreReportedAsLost() {
        Window first = enter();
        Window second = enter();
        site.send(first, "before");

        offline(first).click();
        second.page().evaluate(MANY_MESSAGES, List.of(ROOM, 320));
        offline(first).click();

        assertThat(first.page().getByTestId("notice-title")).hasText("320 messages missed, 300 recovered");
        assertThat(first.messages()).hasCount(301);
        assertThat(first.texts()).startsWith("before", "old 20", "old 21").endsWith("old 319");
        assertThat(first.page().getByText("no longer holds all messages")).hasCount(1);
    }

    @Test
    void restartReportsLossAndKeepsBoard() throws IOException {
        Window first = enter();
        Window second = enter();
        addNote(first, "kept");
        assertThat(notes(second)).hasText("kept");
        site.send(first, "before");

        site.stopServer();
        site.windows().forEach(window -> assertThat(window.state()).containsText("Reconnecting"));
        first.write("meanwhile");
        site.startServerAgain();
        for (Window window : site.windows()) {
            assertThat(window.page().getByTestId("notice")).containsText("The server has restarted");
            assertThat(window.page().getByTestId("notice")).containsText("may be lost");
            window.awaitDelivered("meanwhile");
            assertThat(window.texts()).containsExactly("before", "meanwhile");
        }

        Window late = enter();
        assertThat(notes(late)).hasText("kept");
        drag(late, notes(late), 100, 50);
        awaitPlace(first, notes(late).boundingBox());
        site.windows().forEach(Window::ignoreConnectionErrors);
    }

    // ---- Presence

    @Test
    void twoWindowsOfOneUserAreTwoDevices() {
        Window first = enter();
        Window again = site.enterAgain(ROOM, first);
        Window other = enter();
        rename(first, "Ada");

        for (Window window : List.of(first, again, other)) {
            assertThat(window.page().locator("#people-count")).hasText("2");
            people(window).click();
            assertThat(window.page().getByTestId("person")).hasCount(2);
            assertThat(person(window, "Ada")).containsText("2 devices: computer, computer");
            window.press("Escape");
        }
        again.write("from the other window");
        first.awaitDelivered("from the other window");
        assertThat(first.messages("from the other window")).hasAttribute("data-mine", "true");

        again.page().close();
        assertThat(other.page().locator("#people-count")).hasText("2");
        people(other).click();
        assertThat(person(other, "Ada")).containsText("computer");
        assertThat(person(other, "Ada")).not().containsText("2 devices");
        site.windows().remove(again);
    }

    // ---- Accessibility

    @Test
    void invalidPublicationsAreShownSafely() {
        Window window = enter();
        window.page().evaluate(INVALID_INPUT, ROOM);

        assertThat(window.page()).hasTitle("brave-otter-42 · Tutti");
        assertThat(notes(window)).hasCount(1);
        assertThat(window.page().locator(".text *, .words *, .cursor .name *")).hasCount(0);
        assertThat(window.texts()).hasSize(3).contains("a string");
        site.send(window, "still here");
        people(window).click();
        assertThat(window.page().getByTestId("person")).hasCount(2);
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

    @Test
    void phoneCountsUnreadMessages() {
        Window other = enter();
        Window phone = site.enter(ROOM, Device.PHONE_LIGHT);
        addNote(phone, "by touch");
        assertThat(notes(other)).hasText("by touch");
        other.write("seen?");
        assertThat(phone.page().locator("#unseen")).hasText("1");
        assertThat(phone.messages("seen?")).isHidden();

        phone.page().locator("#view-chat").tap();
        assertThat(phone.messages("seen?")).isVisible();
        assertThat(phone.page().locator("#unseen")).isEmpty();
        assertThat(phone.page().getByTestId("stage")).isHidden();
    }

    @ParameterizedTest
    @EnumSource
    void pageFitsAndIsReadable(Device device) {
        Window other = enter();
        Window window = site.enter(ROOM, device);
        rename(other, "Ada");
        rename(window, "Grace");
        assertFit(window, device);

        addNote(other, "Bar 32: everybody enters together");
        other.page().locator("#stage").click(new Locator.ClickOptions().setPosition(20, 120)); // selects nothing
        other.page().locator("input[name=color][value=blue]").check();
        addNote(other, "Softer strings?");
        other.page().locator("#stage").click(new Locator.ClickOptions().setPosition(20, 120));
        other.page().locator("input[name=color][value=green]").check();
        addNote(other, "Rehearsal on Thursday, 19:00");
        other.page().getByLabel("Pen").check();
        stroke(other);
        assertThat(notes(window)).hasCount(3);
        chat(window, device);
        site.send(other, "Shall we start with the second movement?");
        site.send(window, "Yes, from the top. Strings a little softer this time.");
        site.send(other, "Tutti at bar 32, and everybody hears the same.");
        assertFit(window, device);
        if (device.phone) {
            window.screenshot(screenshot("chat", device));
            window.page().locator("#view-board").click();
        }
        assertFit(window, device);
        window.screenshot(screenshot("room", device));

        people(window).click();
        assertFit(window, device);
        window.screenshot(screenshot("people", device));
        window.press("Escape");

        offline(window).click();
        chat(window, device);
        window.write("c".repeat(300));
        other.write("https://example.org/" + "a".repeat(300));
        assertThat(window.page().getByTestId("notice")).isVisible();
        assertFit(window, device);
        window.screenshot(screenshot("offline", device));
        offline(window).click();
        assertThat(window.page().getByTestId("notice-title")).hasText("1 message missed, 1 recovered");
        window.awaitDelivered("c".repeat(300));
        assertFit(window, device);
        window.screenshot(screenshot("recovered", device));
    }

    private static void chat(Window window, Device device) {
        if (device.phone) {
            window.page().locator("#view-chat").click();
        }
    }

    // ---- Actions and observations

    private Window enter() {
        Window window = site.enter(ROOM, Device.DESKTOP_LIGHT);
        assertThat(window.page().getByTestId("log")).hasAttribute("aria-busy", "false");
        return window;
    }

    private static void addNote(Window window, String text) {
        window.page().getByTestId("add-note").click();
        window.type(text);
        window.press("Escape");
    }

    private static Locator notes(Window window) {
        return window.page().getByTestId("note");
    }

    private static Locator offline(Window window) {
        return window.page().getByTestId("offline");
    }

    private static Locator people(Window window) {
        return window.page().getByTestId("people-open");
    }

    private static Locator person(Window window, String name) {
        return window.page().getByTestId("person").filter(new Locator.FilterOptions().setHasText(name));
    }

    private static void rename(Window window, String name) {
        people(window).click();
        window.page().getByTestId("my-name").fill(name);
        window.press("Enter");
        window.page()
                .getByTestId("people")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Close"))
                .click();
    }

    /** Returns the distinct colors of the users in the room. */
    private static List<?> colors(Window window) {
        return (List<?>) window.page()
                .evaluate("() => [...new Set([...document.querySelectorAll('#faces .face')]"
                        + ".map(face => face.style.backgroundColor))].sort()");
    }

    private static void drag(Window window, Locator what, int right, int down) {
        BoundingBox box = what.boundingBox();
        Page page = window.page();
        page.mouse().move(box.x + 40, box.y + 40);
        page.mouse().down();
        page.mouse().move(box.x + 40 + right, box.y + 40 + down, new Mouse.MoveOptions().setSteps(5));
        page.mouse().up();
    }
}
