package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.hub.RoomName;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The start page in a real browser, with a real server. */
class StartIT extends BrowserTest {
    /** Returns the cases that the pages decide in another way, and the number of cases. */
    private static final String WRONG_NAMES = """
            async text => {
              const { isName } = await import('./names.js');
              const cases = [...text.matchAll(/^([+-]) ("(?:.*?)")(?: \\* (\\d+))?(?: .*)?$/gm)];
              const wrong = cases.filter(([, sign, name, times = 1]) => isName(JSON.parse(name).repeat(times)) !== (sign === '+'));
              return [...wrong.map(([line]) => line), `of ${cases.length} cases`];
            }
            """;

    @Test
    void playedNotesReachAllWindows() {
        Window first = site.openStart(Device.DESKTOP_LIGHT);
        Window second = site.openStart(Device.PHONE_DARK);
        assertThat(first.state()).containsText("1 other here");

        key(first, 2);
        key(second, 4);
        key(second, 7);
        for (Window window : site.windows()) {
            assertThat(window.page().getByTestId("staff"))
                    .hasAttribute("aria-label", Pattern.compile("The last notes:( [EGC]){3}"));
        }
        assertThat(first.page().locator("#back")).containsText("was back in");

        Window late = site.openStart(Device.DESKTOP_LIGHT);
        assertThat(late.page().locator("#played > g")).hasCount(3);
    }

    private static void key(Window window, int pitch) {
        window.page().getByTestId("key").nth(pitch).click();
    }

    @Test
    void suggestedRoomOpensInOneClick() {
        Window window = site.openStart(Device.DESKTOP_LIGHT);
        String name = window.page().getByTestId("room").inputValue();

        window.page().getByTestId("enter").click();

        assertThat(window.page()).hasURL(Pattern.compile("/room\\.html#[a-z]+-[a-z]+-[0-9]{2}$"));
        assertThat(window.page().locator("#room-name")).hasText(name);
        window.awaitConnected();
    }

    @Test
    void linkOpensRoomInvalidNameIsExplained() {
        Window window = site.openStart(Device.DESKTOP_LIGHT);

        window.page().getByTestId("room").fill("../etc");
        window.press("Enter");
        assertThat(window.page().locator("#room-hint")).containsText("does not start with a dot");

        window.page().getByTestId("room").fill("https://example.org/room.html#brave-otter-42");
        window.press("Enter");
        assertThat(window.page().locator("#room-name")).hasText("brave-otter-42");
        window.awaitConnected();
    }

    @Test
    void namesAreThoseOfTheServer() throws IOException {
        Window window = site.openStart(Device.DESKTOP_LIGHT);
        String cases;
        try (InputStream file = RoomName.class.getResourceAsStream("names.txt")) {
            cases = new String(file.readAllBytes(), UTF_8);
        }

        long count = cases.lines().filter(line -> line.matches("[+-] .*")).count();

        assertThat(window.page().evaluate(WRONG_NAMES, cases)).isEqualTo(List.of("of " + count + " cases"));

        window.page().getByTestId("room").fill("Cafe\u0301 \u65e5\u672c");
        window.press("Enter");
        assertThat(window.page().locator("#room-name")).hasText("Caf\u00e9-\u65e5\u672c");
        window.awaitConnected();
        window.page().reload();
        assertThat(window.page().locator("#room-name")).hasText("Caf\u00e9-\u65e5\u672c");
        window.awaitConnected();
    }

    @Test
    void recentRoomsOfThisDeviceAreListedAndCleared() {
        Window window = site.openStart(Device.PHONE_LIGHT);
        Locator recent = window.page().getByTestId("recent");
        assertThat(recent).isHidden();
        for (int i = 0; i < 13; i++) {
            window.page().evaluate("async i => (await import('./recent.js')).recordRecent('document', `plan:${i}`)", i);
        }
        window.page().navigate(site.address("room.html#garden"));
        window.awaitConnected();

        window.page().navigate(site.address(""));
        assertThat(recent.getByRole(AriaRole.LISTITEM)).hasCount(12);
        assertThat(recent.getByRole(AriaRole.LINK).last()).hasAttribute("href", "document.html#plan:2");
        assertReachedByTab(window);
        assertFit(window, Device.PHONE_LIGHT);
        window.screenshot(screenshot("start-recent", Device.PHONE_LIGHT));
        assertThat(recent.getByRole(AriaRole.LINK).first()).hasText("gardenRoom");
        recent.getByRole(AriaRole.LINK).first().tap();
        assertThat(window.page().locator("#room-name")).hasText("garden");

        window.page().navigate(site.address(""));
        window.page().getByTestId("recent-clear").tap();
        assertThat(recent).isHidden();
        window.page().reload();
        assertThat(window.state()).containsText("You are the first");
        assertThat(recent).isHidden();
    }

    @Test
    void tabReachesEveryControlVisibly() {
        assertReachedByTab(site.openStart(Device.DESKTOP_LIGHT));
    }

    @ParameterizedTest
    @EnumSource
    void pageFitsAndIsReadable(Device device) {
        Window other = site.openStart(Device.DESKTOP_LIGHT);
        Window window = site.openStart(device);
        for (int pitch : new int[] {0, 2, 4, 7, 5, 4}) {
            key(pitch % 2 == 0 ? other : window, pitch);
        }
        assertThat(window.page().locator("#played > g")).hasCount(6);

        assertFit(window, device);
        window.screenshot(screenshot("start", device));
    }
}
