package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocketRoute;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The page in a browser of its own, as another person would have it, and everything that this browser complained about. Confined
 * to the thread of its {@link Chromium}.
 */
final class Window {
    private static final int PATIENCE_MILLIS = 15_000;

    /** That a document is stored, among the messages of a Yjs provider. */
    private static final int CONFIRMATION = 102;

    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();
    private boolean connectionsMayFail;

    /** The latest connection of a {@link #makeBreakable breakable} window. */
    private WebSocketRoute line;

    private boolean swallowing;

    /** Whether confirmations reach a page whose documents are {@link #watchDocuments watched}, and those that did not. */
    private boolean storing = true;

    private final List<Runnable> keptBack = new ArrayList<>();

    private boolean hungUp;

    /** Opens a blank window; {@link #open} follows. */
    Window(Browser browser, Look look) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(look.width, look.height)
                .setIsMobile(look.phone)
                .setHasTouch(look.phone)
                .setColorScheme(look.colorScheme)
                .setReducedMotion(ReducedMotion.REDUCE) // what fades in has not got its contrast yet
                .setLocale("en-GB"));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.addInitScript("addEventListener('securitypolicyviolation',"
                + " e => console.error('Policy violated:', e.violatedDirective, e.blockedURI))");
        context.addInitScript("window.layoutShift = 0; new PerformanceObserver(list => {"
                + " for (const shift of list.getEntries()) if (!shift.hadRecentInput) layoutShift += shift.value;"
                + " }).observe({ type: 'layout-shift', buffered: true })");
        page = newPage();
    }

    private Window(BrowserContext context) {
        this.context = context;
        page = newPage();
    }

    /** Returns another window of the same person. */
    Window sibling() {
        return new Window(context);
    }

    /** Has no page here keep a document on this device; before {@link #open}. */
    void keepNothing() {
        context.addInitScript(
                "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new Error('not here'); } } })");
    }

    private Page newPage() {
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (Set.of("error", "warning").contains(message.type())) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onResponse(response -> {
            if (response.status() >= 400) {
                complaints.add(response.status() + " " + response.url());
            }
        });
        return page;
    }

    void open(String address) {
        page.navigate(address);
        assertThat(state()).hasAttribute("data-state", "open");
    }

    void close() {
        context.close();
    }

    // ---- The line

    /**
     * Puts a line between this window and the server that the test can {@link #swallow} messages on, and {@link #cut}; before
     * {@link #open}. The page then has Playwright's WebSocket instead of the browser's.
     */
    void makeBreakable() {
        page.routeWebSocket("**/ws", connection -> {
            line = connection;
            WebSocketRoute server = connection.connectToServer();
            connection.onMessage(frame -> {
                if (!swallowing) {
                    server.send(frame.text());
                }
            });
        });
    }

    /**
     * Puts a line between all windows of this person and the server's documents that the test can {@link #hangUp}, and on which it
     * can keep back what the server says of {@link #setStoring storing}; before {@link #open}. The page then has Playwright's
     * WebSocket instead of the browser's.
     */
    void watchDocuments() {
        context.routeWebSocket(Pattern.compile("/yjs/"), connection -> {
            if (hungUp) {
                connection.close(new WebSocketRoute.CloseOptions().setCode(1001));
                return;
            }
            line = connection;
            connection.connectToServer().onMessage(frame -> {
                byte[] bytes = frame.binary();
                if (storing || bytes[0] != CONFIRMATION) {
                    connection.send(bytes);
                } else {
                    keptBack.add(() -> connection.send(bytes));
                }
            });
        });
    }

    /** Whether the page hears that what it wrote is stored; once it does, also of all before. */
    void setStoring(boolean storing) {
        this.storing = storing;
        if (storing) {
            keptBack.forEach(Runnable::run);
            keptBack.clear();
        }
    }

    /** Ends the connection to a document that is watched, and lets it have no other. */
    void hangUp() {
        hungUp = true;
        line.close(new WebSocketRoute.CloseOptions().setCode(1001));
    }

    /** From now on the server gets nothing, and so the page no echo. */
    void swallow() {
        swallowing = true;
    }

    /** Ends the connection as the server would; the next one is whole. */
    void cut(int code, String reason) {
        swallowing = false;
        line.close(new WebSocketRoute.CloseOptions().setCode(code).setReason(reason));
    }

    void setOffline(boolean offline) {
        context.setOffline(offline);
    }

    // ---- What is done in it

    void write(String text) {
        input().fill(text);
        input().press("Enter");
    }

    void press(String key) {
        page.keyboard().press(key);
    }

    void type(String text) {
        page.keyboard().type(text);
    }

    void screenshot(Path file) {
        page.screenshot(new Page.ScreenshotOptions().setPath(file));
    }

    // ---- What is seen in it

    Page page() {
        return page;
    }

    Locator state() {
        return page.getByTestId("state");
    }

    Locator retry() {
        return page.getByTestId("retry");
    }

    Locator input() {
        return page.getByTestId("input");
    }

    Locator messages() {
        return page.getByTestId("message");
    }

    /** Returns the messages with exactly this text. */
    Locator messages(String text) {
        return messages()
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByText(text, new Page.GetByTextOptions().setExact(true))));
    }

    /** Returns the texts of all messages, from the oldest to the newest. */
    List<String> texts() {
        return messages().locator(".text").allTextContents();
    }

    void awaitConnected() {
        assertThat(state()).hasAttribute("data-state", "open");
        assertThat(state()).containsText("Connected");
    }

    void awaitDelivered(int messages) {
        assertThat(messages()).hasCount(messages);
        assertThat(page.locator("[data-testid=message][data-status=delivered]")).hasCount(messages);
    }

    /** Waits until exactly one message with this text is there, with the server's confirmation. */
    void awaitDelivered(String text) {
        assertThat(messages(text)).hasAttribute("data-status", "delivered");
    }

    /** Returns how far things have moved that nobody had touched, as browsers measure it: 0 is not at all, 0.1 is bad. */
    double layoutShift() {
        return ((Number) page.evaluate("layoutShift")).doubleValue();
    }

    /** Forgets what has moved until now. */
    void pardonShift() {
        page.evaluate("layoutShift = 0");
    }

    // ---- What the browser said

    /** Returns errors and warnings of the console, uncaught exceptions, violations of the policy, and failed requests. */
    List<String> complaints() {
        page.evaluate("0"); // what was said before has come when this is answered
        if (connectionsMayFail) {
            complaints.removeIf(complaint -> complaint.startsWith("WebSocket connection to"));
        }
        return complaints;
    }

    /** Forgets what every browser says while a server is away, now and later: the page goes on trying. */
    void pardonFailedConnections() {
        connectionsMayFail = true;
    }
}
