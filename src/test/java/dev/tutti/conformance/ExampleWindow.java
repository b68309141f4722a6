package dev.tutti.conformance;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.util.ArrayList;
import java.util.List;

/** The example application in the browser of one user, with all errors that the browser reports. Confined to one thread. */
final class ExampleWindow implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 15_000;

    private final BrowserContext context;
    private final Page page;
    private final List<String> errors = new ArrayList<>();

    private ExampleWindow(Browser browser) {
        context = browser.newContext();
        context.setDefaultTimeout(TIMEOUT_MILLIS);
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                errors.add(message.text());
            }
        });
        page.onPageError(errors::add);
    }

    /** Opens the application, which asks for a sign-in, and signs the user in; the password is the name. */
    static ExampleWindow signIn(Browser browser, ServerUnderTest server, String user) {
        PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MILLIS);
        ExampleWindow window = new ExampleWindow(browser);
        window.page.navigate(server.http("/").toString());
        window.page.getByLabel("Name").fill(user);
        window.page.getByLabel("Password").fill(user);
        window.page.locator("button").click();
        assertThat(window.page.locator("#user")).hasText(user);
        return window;
    }

    void openTeam(String team) {
        page.locator("#teams a", new Page.LocatorOptions().setHasText(team)).click();
        assertThat(page.locator("#teams [aria-current=page]")).hasText(team);
    }

    /** Returns the members who are here, in the order of the page. */
    Locator membersHere() {
        return page.locator("#people .here");
    }

    void add(String title) {
        page.getByLabel("New task").fill(title);
        page.locator("#new-task button").click();
    }

    /** Returns the box of the only task. */
    Locator task() {
        return page.locator("#tasks input");
    }

    /** Opens the editor of Tutti. */
    void openNote() {
        page.locator("#note").click();
        assertThat(page.getByTestId("state")).hasAttribute("data-state", "open");
    }

    /** Inserts text at the start of the note. */
    void write(String text) {
        note().click();
        page.keyboard().insertText(text);
    }

    Locator note() {
        return page.getByTestId("text");
    }

    List<String> errors() {
        return errors;
    }

    @Override
    public void close() {
        context.close();
    }
}
