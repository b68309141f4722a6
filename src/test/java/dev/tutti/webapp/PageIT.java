package dev.tutti.webapp;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The broadcast page in a real browser, with a real server. */
class PageIT extends BrowserTest {
    // ---- Messages

    @Test
    void messagesArriveInOneOrder() {
        Window first = site.open();
        Window second = site.open();
        List<String> said = new ArrayList<>();

        for (int i = 0; i < 5; i++) {
            first.write("first " + i);
            second.write("second " + i);
            Collections.addAll(said, "first " + i, "second " + i);
        }
        first.awaitDelivered(10);
        second.awaitDelivered(10);

        assertThat(first.texts()).isEqualTo(second.texts()).containsExactlyInAnyOrderElementsOf(said);
        assertThat(first.messages("first 0")).hasAttribute("data-mine", "true");
        assertThat(first.messages("first 0")).containsText("You");
        assertThat(first.messages("second 0")).hasAttribute("data-mine", "false");
        assertThat(first.messages("second 0")).not().containsText("You");
        assertThat(second.messages("second 0")).hasAttribute("data-mine", "true");
        assertThat(second.messages("first 0")).hasAttribute("data-mine", "false");
    }

    @Test
    void markupIsShownAsText() {
        Window first = site.open();
        Window second = site.open();
        String markup = "<img src=x onerror=\"document.title='gone'\"><b>bold</b><script>document.title='gone'</script>"
                + " &amp; &lt;i&gt;";

        first.write(markup);
        first.awaitDelivered(1);
        second.awaitDelivered(1);

        for (Window window : site.windows()) {
            assertThat(window.texts()).containsExactly(markup);
            assertThat(window.page().locator(".text *")).hasCount(0);
            assertThat(window.page()).hasTitle("Broadcast · Tutti");
        }
    }

    // ---- Lost connections

    @Test
    void windowsReconnectAfterRestart() throws IOException {
        Window first = site.open();
        Window second = site.open();
        site.send(first, "before");

        site.stopServer();
        for (Window window : site.windows()) {
            assertThat(window.state()).containsText("Reconnecting");
            assertThat(window.retry()).isVisible();
        }
        first.write("from first, meanwhile");
        second.write("from second, meanwhile");
        assertThat(first.messages("from first, meanwhile")).containsText("Waiting to send");
        assertThat(second.messages("from second, meanwhile")).containsText("Waiting to send");

        site.startServerAgain();
        first.awaitDelivered("from first, meanwhile");
        second.awaitDelivered("from second, meanwhile");
        site.send(first, "from first, after");
        site.send(second, "from second, after");

        // The window that reconnected first may miss the other's message, because the plain protocol has no history. No
        // message appears twice.
        assertThat(first.texts()).doesNotHaveDuplicates().startsWith("before").contains("from first, meanwhile");
        assertThat(second.texts()).doesNotHaveDuplicates().startsWith("before").contains("from second, meanwhile");
        site.windows().forEach(Window::awaitConnected);
        site.windows().forEach(Window::ignoreConnectionErrors);
    }

    @Test
    void offlineMessagesArriveOnce() throws IOException {
        Window first = site.open();
        Window second = site.open();

        site.stopServer();
        site.windows().forEach(window -> assertThat(window.state()).containsText("Reconnecting"));
        second.setOffline(true); // holds the messages until the first window is connected
        assertThat(second.state()).containsText("Offline");
        second.write("one");
        second.write("two");
        site.startServerAgain();
        first.awaitConnected();
        assertThat(second.messages("one")).hasAttribute("data-status", "pending");
        assertThat(first.messages()).hasCount(0);

        second.setOffline(false);
        second.awaitDelivered("one");
        second.awaitDelivered("two");
        site.send(second, "three"); // follows any duplicate

        for (Window window : site.windows()) {
            assertThat(window.texts()).containsExactly("one", "two", "three");
            window.ignoreConnectionErrors();
        }
    }

    /** Without the echo, the server may have the message or not: only the user can decide to send it again. */
    @Test
    void unconfirmedMessageIsResentOnRequest() {
        Window first = site.openRouted(Device.DESKTOP_LIGHT);
        Window second = site.open();

        first.dropOutgoing();
        first.write("lost?");
        assertThat(first.messages("lost?")).containsText("Sending");
        first.cut(1001, "");
        first.awaitConnected();
        assertThat(first.messages("lost?")).containsText("May not have arrived");
        site.send(first, "next");
        assertThat(second.texts()).containsExactly("next");

        first.messages("lost?")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Send again"))
                .press("Enter");
        site.windows().forEach(window -> window.awaitDelivered("lost?"));
        assertThat(first.input()).isFocused();
        assertThat(first.texts()).isEqualTo(second.texts()).containsExactly("next", "lost?");
    }

    @Test
    void policyCloseShowsReasonAndWaits() {
        Window window = site.openRouted(Device.DESKTOP_LIGHT);

        window.cut(1008, "too fast");
        assertThat(window.state()).hasAttribute("data-state", "closed");
        assertThat(window.state()).containsText("1008: too fast");

        window.retry().press("Enter");
        window.awaitConnected();
        assertThat(window.input()).isFocused();
    }

    // ---- Accessibility

    @Test
    void keyboardAloneSuffices() {
        Window window = site.open();
        assertThat(window.input()).isFocused();

        window.type("two");
        window.press("Shift+Enter");
        window.type("lines");
        window.press("Enter");
        window.awaitDelivered(1);
        assertThat(window.texts()).containsExactly("two\nlines");

        window.type("by the button");
        window.press("Tab");
        assertThat(window.page().getByTestId("send")).isFocused();
        window.press("Space");
        window.awaitDelivered("by the button");
        assertThat(window.input()).isFocused();
    }

    @Test
    void tabReachesEveryControlVisibly() {
        assertReachedByTab(site.open());
    }

    @Test
    void codePanelWorksByKeyboard() {
        Window window = site.open();
        window.page().setViewportSize(800, 700);
        Locator button = window.page().locator("#developer-open");
        Locator address = window.page().getByTestId("address");
        assertThat(address).isHidden();

        button.press("Enter");
        assertThat(address).isVisible();
        assertThat(address).hasText(site.socketAddress());
        window.press("Escape");
        assertThat(address).isHidden();
        assertThat(button).isFocused();
    }

    @ParameterizedTest
    @EnumSource
    void pageFitsAndIsReadable(Device device) {
        Window other = site.open();
        Window window = site.openRouted(device);
        assertFit(window, device);

        site.send(other, "Shall we start with the second movement?");
        site.send(window, "Yes, from the top. Strings a little softer this time.");
        site.send(other, "Tutti at bar 32, and everybody hears the same.");
        site.send(window, "Ready.");
        window.screenshot(screenshot("broadcast", device));

        site.send(other, "https://example.org/" + "a".repeat(300));
        site.send(window, "b".repeat(300));
        assertFit(window, device);
        if (device.phone) {
            window.page().locator("#developer-open").click();
            assertFit(window, device);
            window.page().locator("#developer-close").click();
        }

        window.dropOutgoing();
        window.write("c".repeat(300));
        window.input().fill("a draft");
        assertFit(window, device);
        window.cut(1008, "the reason is " + "d".repeat(100));
        assertThat(window.state()).hasAttribute("data-state", "closed");
        assertThat(window.page().getByText("May not have arrived")).isVisible();
        assertFit(window, device);
        window.resetLayoutShift(); // a long reason may take more room than the page reserves
    }

    @Test
    void pageChecksFindDefects() {
        Window window = site.open();

        window.page()
                .evaluate("() => { const style = document.documentElement.style;"
                        + " style.setProperty('--muted', '#bbb');"
                        + " style.setProperty('min-width', '3000px');"
                        + " const script = document.createElement('script');"
                        + " script.textContent = 'document.title = \"gone\"';"
                        + " document.body.append(script, document.createElement('button')); }");

        assertThat(Accessibility.findings(window.page()))
                .contains("no name for a button")
                .anyMatch(finding -> finding.startsWith("contrast"))
                .anyMatch(finding -> finding.startsWith("too wide: <html"));
        assertThat(window.page()).hasTitle("Broadcast · Tutti"); // the policy blocked the script
        assertThat(window.browserErrors()).anyMatch(error -> error.startsWith("Policy violated: script-src"));
        window.browserErrors().clear();
        window.resetLayoutShift();
    }
}
