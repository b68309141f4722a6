package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocketRoute;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.ServiceWorkerPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A page in its own browser context, like another user's browser, with all errors that the browser reports. Confined to the thread of its
 * {@link Chromium}.
 */
final class Window {
    private static final int TIMEOUT_MILLIS = 15_000;

    /** Part of Playwright's warning that it blocks service workers. */
    private static final String BLOCKED_WORKER = "registration blocked by Playwright";

    /** The type of a confirmation that all is stored, among the Yjs messages. */
    private static final int CONFIRMATION = 102;

    private final BrowserContext context;
    private final Page page;
    private final List<String> browserErrors = new ArrayList<>();
    private boolean connectionsMayFail;

    /** The latest connection that passes through the test. */
    private WebSocketRoute route;

    private boolean droppingOutgoing;

    /** Whether confirmations pass to a page of {@link #routeDocumentsThroughTest}; {@link #heldConfirmations} has those that did not. */
    private boolean confirming = true;

    private final List<Runnable> heldConfirmations = new ArrayList<>();

    private boolean disconnectedForGood;

    /** Opens a blank window that needs the server for each page; call {@link #open} next. */
    Window(Browser browser, Device device) {
        this(browser, device, ServiceWorkerPolicy.BLOCK);
    }

    /** Opens a blank window that keeps the pages, as other browsers do. */
    static Window withPagesOffline(Browser browser) {
        return new Window(browser, Device.DESKTOP_LIGHT, ServiceWorkerPolicy.ALLOW);
    }

    private Window(Browser browser, Device device, ServiceWorkerPolicy workers) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(device.width, device.height)
                .setIsMobile(device.phone)
                .setHasTouch(device.phone)
                .setColorScheme(device.colorScheme)
                .setReducedMotion(ReducedMotion.REDUCE) // fading elements have low contrast
                .setServiceWorkers(workers)
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

    /** Opens another window of the same user. */
    Window sibling() {
        return new Window(context);
    }

    /** Makes local storage of documents fail; call it before {@link #open}. */
    void disableStorage() {
        context.addInitScript(
                "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new Error('not here'); } } })");
    }

    private Page newPage() {
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (Set.of("error", "warning").contains(message.type())
                    && !message.text().contains(BLOCKED_WORKER)) {
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
        context.pages().forEach(Page::unrouteAll); // a handler that forwards a request fails when its page closes
        context.close();
    }

    // ---- Connections through the test

    /**
     * Routes the connection of this window through the test, which can {@link #dropOutgoing} messages and {@link #cut} it; call it before
     * {@link #open}. The page gets Playwright's WebSocket instead of the browser's.
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
     * Routes the document connections of this user's windows through the test, which can {@link #disconnectForGood} them and hold back
     * confirmations by {@link #setConfirming}; call it before {@link #open}. The page gets Playwright's WebSocket instead of the browser's.
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

    /** Sets whether confirmations pass to the page; the first that may pass releases all held ones. */
    void setConfirming(boolean confirming) {
        this.confirming = confirming;
        if (confirming) {
            heldConfirmations.forEach(Runnable::run);
            heldConfirmations.clear();
        }
    }

    /** Closes the connection of a routed document and refuses all further ones. */
    void disconnectForGood() {
        disconnectedForGood = true;
        route.close(new WebSocketRoute.CloseOptions().setCode(1001));
    }

    /** Drops all further messages of the page, which then get no echo. */
    void dropOutgoing() {
        droppingOutgoing = true;
    }

    /** Closes the connection as the server would; the next one works. */
    void cut(int code, String reason) {
        droppingOutgoing = false;
        route.close(new WebSocketRoute.CloseOptions().setCode(code).setReason(reason));
    }

    void setOffline(boolean offline) {
        context.setOffline(offline);
    }

    // ---- Actions

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

    // ---- Observations

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

    /** Returns the texts of all messages, oldest first. */
    List<String> texts() {
        return messages().locator(".text").allTextContents();
    }

    void awaitConnected() {
        assertThat(state()).hasAttribute("data-state", "open");
        assertThat(state()).containsText("Connected");
    }

    /** Waits until this browser can open the pages without the server. */
    void awaitPagesOffline() {
        page.waitForFunction("() => navigator.serviceWorker.controller?.state === 'activated'");
    }

    void awaitDelivered(int messages) {
        assertThat(messages()).hasCount(messages);
        assertThat(page.locator("[data-testid=message][data-status=delivered]")).hasCount(messages);
    }

    /** Waits for exactly one message with this text, which the server has confirmed. */
    void awaitDelivered(String text) {
        assertThat(messages(text)).hasAttribute("data-status", "delivered");
    }

    /** Returns the cumulative layout shift without user input: 0 is none, 0.1 is bad. */
    double layoutShift() {
        return ((Number) page.evaluate("layoutShift")).doubleValue();
    }

    /** Resets the layout shift. */
    void resetLayoutShift() {
        page.evaluate("layoutShift = 0");
    }

    // ---- Browser errors

    /** Returns console errors and warnings, uncaught exceptions, violations of the content security policy, and failed requests. */
    List<String> browserErrors() {
        page.evaluate("0"); // its answer arrives after all earlier console messages
        if (connectionsMayFail) {
            browserErrors.removeIf(error -> error.startsWith("WebSocket connection to")
                    || error.startsWith(
                            "Failed to load resource: net::ERR_")); // a request that the end of the server cut off
        }
        return browserErrors;
    }

    /** Ignores failed connections from now on: the page retries while the server is down. */
    void ignoreConnectionErrors() {
        connectionsMayFail = true;
    }
}
