package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Links, edits and deletions in the conversation of a room, in a real browser with a real server. */
class ConversationIT extends RoomBrowserTest {
    /** Changes the first message of a room as another user, and then publishes "done". */
    private static final String FORGE = """
        async room => {
          const { Tutti } = await import('./tutti.js');
          const joined = new Tutti('connect').room(room);
          await new Promise(resolve => joined.addEventListener('joined', resolve, { once: true }));
          const { messages: [{ data: { id } }] } = await joined.history({});
          await joined.publish({ id: 'a', edits: id, text: 'forged' });
          await joined.publish({ id: 'b', deletes: id, text: 'forged' });
          await joined.publish({ id: 'c', edits: {}, text: 'forged' });
          await joined.publish({ id: 'd', deletes: null, text: 'forged' });
          await joined.publish({ id: 'e', text: 'done' });
        }
        """;

    @Test
    void addressesBecomeLinksNothingElseDoes() {
        Window window = enter();

        window.write(
                "see (https://example.org/a_(b)?c=d#e). <b>http</b>://x javascript:alert(1) http://user@example.org/"
                        + " HTTP://EXAMPLE.org, ok");
        window.awaitDelivered(1);

        Locator links = window.messages().locator(".text *");
        assertThat(links).hasCount(2);
        assertThat(links.first()).hasAttribute("href", "https://example.org/a_(b)?c=d#e");
        assertThat(links.first()).hasText("https://example.org/a_(b)?c=d#e");
        assertThat(links.last()).hasAttribute("href", "http://example.org/");
        assertThat(links.last()).hasAttribute("rel", "noopener noreferrer nofollow");
        assertThat(window.messages()).containsText("<b>http</b>://x javascript:alert(1) http://user@example.org/");
    }

    @Test
    void editReplacesTextForAllByItsAuthorOnly() {
        Window first = enter();
        Window second = enter();
        site.send(first, "wrnog");
        site.send(second, "answer");

        first.input().press("ArrowUp");
        assertThat(field(first)).hasValue("wrnog");
        assertThat(field(first)).isFocused();
        field(first).fill("right https://example.org/");
        first.press("Enter");
        for (Window window : List.of(first, second, enter())) {
            assertThat(window.messages().first().locator(".text")).hasText("right https://example.org/");
            assertThat(window.messages().first()).containsText("Edited");
            assertThat(window.messages("wrnog")).hasCount(0);
            assertThat(window.messages()).hasCount(2);
        }
        assertThat(first.input()).isFocused();
        assertThat(second.messages().first().getByTestId("change")).hasCount(0);

        second.page().evaluate(FORGE, ROOM);
        for (Window window : site.windows()) {
            assertThat(window.messages("done")).hasCount(1);
            assertThat(window.texts()).containsExactly("right https://example.org/", "answer", "done");
        }
    }

    @Test
    void deletionMadeOfflineReachesAllAfterReload() {
        Window phone = site.show("room.html?view=chat#" + ROOM, Device.PHONE_LIGHT);
        phone.awaitConnected();
        Window other = enter();
        site.send(other, "1\n2\n3\n4\n5\n6\n7"); // the notice covers the top of the log
        site.send(phone, "secret");
        offline(phone).tap();
        assertThat(phone.state()).containsText("Offline");

        phone.messages().last().getByTestId("change").tap();
        phone.page()
                .getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Delete"))
                .tap();
        assertThat(phone.messages().last().locator(".text")).hasText("Message deleted");
        assertThat(phone.page().getByTestId("notice-waiting")).hasText("1 of your changes waiting");
        assertFit(phone, Device.PHONE_LIGHT);
        phone.page().reload();

        for (Window window : List.of(phone, other, enter())) {
            assertThat(window.messages().last().locator(".text")).hasText("Message deleted");
            assertThat(window.page().getByText("secret")).hasCount(0);
            assertThat(window.messages().last().getByTestId("change")).isHidden();
        }
        assertThat(phone.messages().last()).hasAttribute("data-status", "delivered");
    }

    private static Locator field(Window window) {
        return window.page().getByTestId("change-text");
    }
}
