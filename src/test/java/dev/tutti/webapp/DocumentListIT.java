package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The list of documents in a real browser, with a real server. */
class DocumentListIT extends DocumentBrowserTest {
    @Test
    void listShowsLatestDocumentsFirst() {
        writeAndLeave("agenda");
        write(site.openDocument("notes", Device.DESKTOP_LIGHT), "for the concert");
        Window window = site.openDocuments(Device.DESKTOP_LIGHT);
        Locator documents = window.page().getByTestId("document");
        reloadUntilOpen(window, "notes", "agenda");

        window.page().getByTestId("filter").fill("AG");
        assertThat(documents).hasCount(1);
        assertThat(documents).containsText("agenda");
        window.page().getByTestId("filter").fill("none");
        assertThat(window.page().getByTestId("empty")).containsText("No document matches");
    }

    @Test
    void deletionAsksExplainsFailureAndIsUndone() {
        writeAndLeave("agenda");
        write(site.openDocument("notes", Device.DESKTOP_LIGHT), "for the concert");
        Window window = site.openDocuments(Device.DESKTOP_LIGHT);
        Locator documents = window.page().getByTestId("document");
        reloadUntilOpen(window, "notes", "agenda");
        Locator dialog = window.page().getByTestId("delete");

        window.page().getByLabel("Delete notes").click();
        assertThat(dialog).containsText("Delete notes?");
        window.page().getByTestId("delete-confirm").click();
        assertThat(dialog).containsText("Somebody has it open.");
        window.press("Escape");
        assertThat(dialog).isHidden();
        assertThat(window.page().locator("button[aria-label='Delete notes']")).isFocused();

        window.page().getByLabel("Delete agenda").click();
        window.page().getByTestId("delete-confirm").click();
        assertThat(dialog).isHidden();
        assertThat(documents).hasCount(1);
        window.page().reload();
        assertThat(documents).hasCount(1);
        assertThat(documents).containsText("notes");
        Locator trash = window.page().getByTestId("trash");
        assertThat(trash).containsText("Trash (1)");
        trash.locator("summary").click();
        assertThat(window.page().getByTestId("deleted")).containsText("kept for 30 more days");
        assertThat(Accessibility.findings(window.page(), 2)).isEmpty();
        window.screenshot(screenshot("documents-trash", Device.DESKTOP_LIGHT));
        window.page().getByTestId("restore").click();
        assertThat(documents).hasCount(2);
        assertThat(trash).isHidden();
        window.browserErrors().removeIf(error -> error.contains("409"));
    }

    @Test
    void forbiddenListShowsLocalDocuments() {
        Window window = site.openDocuments(
                Device.DESKTOP_LIGHT,
                page -> page.route(
                        "**/api/documents?*", route -> route.fulfill(json("{}").setStatus(403))));
        assertThat(window.page().getByTestId("empty")).containsText("No documents yet");

        window.page().getByTestId("name").fill("My minutes");
        window.press("Enter");
        assertThat(window.page().getByTestId("document-name")).hasText("My-minutes");
        window.awaitConnected();
        window.page().getByLabel("All documents").click();
        assertThat(window.page().getByTestId("document")).containsText("My-minutes");
        assertThat(window.page().getByTestId("note")).containsText("This server lists no documents");

        window.page().getByTestId("name").fill("../etc");
        window.press("Enter");
        assertThat(window.page().locator("#name-hint")).containsText("does not start with a dot");
        window.browserErrors().removeIf(error -> error.contains("403"));
    }

    @Test
    void startPageLinksToList() {
        Window window = site.openStart(Device.DESKTOP_LIGHT);
        twoDocuments(window.page());
        window.page().locator("#documents").click();
        assertThat(window.page().getByTestId("document")).hasCount(2);
        assertReachedByTab(window);
    }

    @ParameterizedTest
    @EnumSource
    void listFitsAndIsReadable(Device device) {
        Window window = site.openDocuments(device, DocumentListIT::twoDocuments);
        assertThat(window.page().getByTestId("document")).hasCount(2);
        assertFit(window, device);
        window.screenshot(screenshot("documents", device));
        window.page().getByLabel("Delete notes").click();
        assertThat(Accessibility.findings(window.page(), 2)).isEmpty();
        window.screenshot(screenshot("documents-delete", device));
    }

    private void writeAndLeave(String name) {
        Window window = site.openDocument(name, Device.DESKTOP_LIGHT);
        write(window, name);
        assertThat(window.page().getByTestId("saved")).hasText("Saved");
        site.close(window);
    }

    /** Reloads the list until only the first document is open: the server learns a little later that a client has left. */
    private static void reloadUntilOpen(Window window, String first, String second) {
        Locator documents = window.page().getByTestId("document");
        window.page().waitForCondition(() -> {
            window.page().reload();
            assertThat(documents).hasCount(2);
            return documents.locator(".open:not(:empty)").count() == 1;
        });
        assertThat(documents.first()).containsText(first);
        assertThat(documents.first()).containsText("1 here now");
        assertThat(documents.last()).containsText(second);
    }

    private static void twoDocuments(Page page) {
        page.route("**/api/documents?*", route -> route.fulfill(json("""
                {"documents":[{"name":"agenda","bytes":300,"changed":"2026-01-01T07:00:00Z","open":0},
                {"name":"notes","bytes":12345,"changed":"2026-01-02T07:00:00Z","open":2}],"more":false}""")));
    }
}
