package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The compressed size of the files that a browser loads for the WAR's pages. */
class PageSizeIT extends RoomBrowserTest {
    private static final int KILOBYTE = 1_000;

    /** Returns the compressed bytes of all files that the page has loaded. */
    private static final String LOADED = """
        () => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
          .filter(({ name }) => !new URL(name).pathname.startsWith('/api/'))
          .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
        """;

    private static final String PARTS_OF_BOARD =
            "() => performance.getEntriesByType('resource').filter(({ name }) => /\\/board-/.test(name)).length";

    @Override
    SiteServer server() throws IOException {
        SiteServer server = new EmbeddedServer(Map.of(), List.of(Path.of(System.getProperty("tutti.war"))));
        server.start();
        return server;
    }

    @Test
    void pagesLoadLittle() {
        Window phone = site.show("room.html?view=chat#" + ROOM, Device.PHONE_LIGHT);
        phone.awaitConnected();
        assertThat(phone.page().getByTestId("log")).hasAttribute("aria-busy", "false");
        assertThat(phone.input()).isVisible();
        assertThat(loaded(phone)).as("room page").isBetween(20 * KILOBYTE, 60 * KILOBYTE);
        assertThat(phone.page().evaluate(PARTS_OF_BOARD)).isEqualTo(0);

        phone.page().locator("#view-board").tap();
        assertThat(phone.page().getByTestId("stage")).hasAttribute("aria-busy", "false");
        assertThat(phone.page().evaluate(PARTS_OF_BOARD)).isEqualTo(1);
        assertThat(loaded(phone)).as("room page with board").isLessThan(90 * KILOBYTE);

        Window editor = site.openDocument("minutes", Device.DESKTOP_LIGHT);
        editor.page().getByTestId("text").click();
        editor.type("# Title");
        assertThat(editor.page().getByTestId("page").locator("h1")).hasText("Title");
        assertThat(loaded(editor)).as("editor page").isBetween(100 * KILOBYTE, 180 * KILOBYTE);

        assertThat(compressed(editor.page(), "tutti.js")).as("tutti.js").isBetween(1L * KILOBYTE, 8L * KILOBYTE);
    }

    private static int loaded(Window window) {
        return ((Number) window.page().evaluate(LOADED)).intValue();
    }

    private long compressed(Page page, String file) {
        return Long.parseLong(page.request().get(site.address(file)).headers().getOrDefault("content-length", "0"));
    }
}
