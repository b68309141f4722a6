package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The system's Chromium, headless, without a download. Confined to the thread that launched it, as Playwright is. */
public final class Chromium implements AutoCloseable {
    private static final String PROPERTY = "tutti.chromium";

    /** First the headless shell, the same engine without its desktop: the cases of a page take a third less time. */
    private static final List<String> USUAL_PLACES = List.of(
            "/usr/bin/chromium-headless-shell",
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome");

    /** The reason for skipped tests. */
    public static final String MISSING =
            "Chromium is missing: install it (apt-get install chromium), or set -D" + PROPERTY + "=/path/to/chromium";

    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** Launches Chromium. Returns null if it is not installed; in CI it fails instead. */
    public static Chromium launchIfThere() {
        String given = System.getProperty(PROPERTY);
        Path executable = (given == null ? USUAL_PLACES : List.of(given))
                .stream().map(Path::of).filter(Files::isExecutable).findFirst().orElse(null);
        if (executable == null) {
            assertThat(System.getenv("CI")).as(MISSING).isNotEqualTo("true");
            return null;
        }
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            LaunchOptions options =
                    new LaunchOptions().setExecutablePath(executable).setArgs(ARGUMENTS);
            return new Chromium(playwright, playwright.chromium().launch(options));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    public Browser browser() {
        return browser;
    }

    @Override
    public void close() {
        playwright.close();
    }
}
