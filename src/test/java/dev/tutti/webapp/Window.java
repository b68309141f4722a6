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
    private static final int TIMEOUT_MILLIS = 15_000;

    /** That a document is stored, among the messages of a Yjs provider. */
    private static final int CONFIRMATION = 102;

    private final BrowserContext context;
    private final Page page;
    private final List<String> browserErrors = new ArrayList<>();
    private boolean connectionsMayFail;

    /** The latest connection of a {@link #routeThroughTest breakable} window. */
    private WebSocketRoute route;

    private boolean droppingOutgoing;

    /** Whether confirmations reach a page whose documents are {@link #routeDocumentsThroughTest watched}, and those that did not. */
    private boolean confirming = true;

    private final List<Runnable> heldConfirmations = new ArrayList<>();

    private boolean disconnectedForGood;

    /** Opens a blank window; {@link #open} follows. */
    Window(Browser browser, Device device) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(device.width, device.height)
                .setIsMobile(device.phone)
                .setHasTouch(device.phone)
                .setColorScheme(device.colorScheme)
                .setReducedMotion(ReducedMotion.REDUCE) // what fades in has not got its contrast yet
                .setLocale("en-GB"));
        context.setDefaultTimeout(TIMEOUT_MILLIS);
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
    void disableStorage() {
        context.addInitScript(
                "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new Error('not here'); } } })");
    }

    private Page newPage() {
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (Set.of("error", "warning").contains(message.type())) {
                browserErrors.add(message.text());
            }
        });
        page.onPageError(browserErrors::add);
        page.onResponse(response -> {
            if (response.status() >= 400) {
                browserErrors.add(response.status() + " " + response.url());
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

    // ---- The route

    /**
     * Puts a route between this window and the server that the test can {@link #dropOutgoing} messages on, and {@link #cut}; before
     * {@link #open}. The page then has Playwright's WebSocket instead of the browser's.
     */
    void routeThroughTest() {
        page.routeWebSocket("**/ws", connection -> {
            route = connection;
            WebSocketRoute server = connection.connectToServer();
            connection.onMessage(frame -> {
                if (!droppingOutgoing) {
                    server.send(frame.text());
                }
            });
        });
    }

    /**
     * Puts a route between all windows of this person and the server's documents that the test can {@link #disconnectForGood}, and on which it
     * can keep back what the server says of {@link #setConfirming confirming}; before {@link #open}. The page then has Playwright's
     * WebSocket instead of the browser's.
     */
    void routeDocumentsThroughTest() {
        context.routeWebSocket(Pattern.compile("/yjs/"), connection -> {
            if (disconnectedForGood) {
                connection.close(new WebSocketRoute.CloseOptions().setCode(1001));
                return;
            }
            route = connection;
            connection.connectToServer().onMessage(frame -> {
                byte[] bytes = frame.binary();
                if (confirming || bytes[0] != CONFIRMATION) {
                    connection.send(bytes);
                } else {
                    heldConfirmations.add(() -> connection.send(bytes));
                }
            });
        });
    }

    /** Whether the page hears that what it wrote is stored; once it does, also of all before. */
    void setConfirming(boolean confirming) {
        this.confirming = confirming;
        if (confirming) {
            heldConfirmations.forEach(Runnable::run);
            heldConfirmations.clear();
        }
    }

    /** Ends the connection to a document that is watched, and lets it have no other. */
    void disconnectForGood() {
        disconnectedForGood = true;
        route.close(new WebSocketRoute.CloseOptions().setCode(1001));
    }

    /** From now on the server gets nothing, and so the page no echo. */
    void dropOutgoing() {
        droppingOutgoing = true;
    }

    /** Ends the connection as the server would; the next one is whole. */
    void cut(int code, String reason) {
        droppingOutgoing = false;
        route.close(new WebSocketRoute.CloseOptions().setCode(code).setReason(reason));
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
    void resetLayoutShift() {
        page.evaluate("layoutShift = 0");
    }

    // ---- What the browser said

    /** Returns errors and warnings of the console, uncaught exceptions, violations of the policy, and failed requests. */
    List<String> browserErrors() {
        page.evaluate("0"); // what was said before has come when this is answered
        if (connectionsMayFail) {
            browserErrors.removeIf(error -> error.startsWith("WebSocket connection to"));
        }
        return browserErrors;
    }

    /** Forgets what every browser says while a server is away, now and later: the page goes on trying. */
    void ignoreConnectionErrors() {
        connectionsMayFail = true;
    }
}
