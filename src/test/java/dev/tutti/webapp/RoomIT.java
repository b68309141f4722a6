package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages, recovery and presence of a room in a real browser, with a real server. */
class RoomIT extends RoomBrowserTest {
    /** Publishes invalid data and states in the room. */
    private static final String INVALID_INPUT = """
            async room => {
              const { Tutti } = await import('./tutti.js');
              const tutti = new Tutti('connect');
              const evil = '<img src=x onerror="document.title=1">';
              const wrong = [null, 7, 'a string', [], {}, { id: 'x', text: evil, name: evil }, { id: 1, text: 2 },
                { id: 'y', name: 'a'.repeat(5000) + '\\u202e', text: 'b'.repeat(20000) }];
              const states = [7, evil, { name: evil, device: evil, typing: {} }, { name: {} }];
              const joined = tutti.room(room);
              for (const data of wrong) await joined.publish(data);
              for (const state of states) {
                joined.setState(state);
                await new Promise(resolve => setTimeout(resolve, 50));
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
        awaitPlace(first, place(late));
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
        assertThat(window.page().locator(".text *")).hasCount(0);
        assertThat(window.texts()).hasSize(3).contains("a string");
        site.send(window, "still here");
        people(window).click();
        assertThat(window.page().getByTestId("person")).hasCount(2);
    }

    @Test
    void pageBuiltWithoutBoardShowsChatAlone() {
        Window window = site.show("signed-in.html", Device.PHONE_LIGHT);
        window.page()
                .route(
                        "**/pages.js",
                        route -> route.fulfill(new Route.FulfillOptions()
                                .setContentType("text/javascript")
                                .setBody("export const documents = false, board = undefined;")));
        window.page().navigate(site.address("room.html#" + ROOM));

        window.write("no board here");
        window.awaitDelivered("no board here");
        assertThat(window.page().getByTestId("stage")).isHidden();
    }

    @Test
    void invalidLinkSaysSo() {
        Window window = site.show("room.html#no/room", Device.PHONE_LIGHT);

        assertThat(window.page().getByTestId("invalid-name")).hasText("no/room");
        assertThat(window.page()).hasURL(Pattern.compile("#no/room$"));
        assertThat(window.page().getByTestId("input")).isHidden();
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
}
