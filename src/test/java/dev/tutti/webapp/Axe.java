package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Deque's axe, which checks the rules of WCAG and its own best practices. The build of the pages of documents installs it. Stateless. */
final class Axe {
    private static final Path SCRIPT = Path.of("webapp", "editor", "node_modules", "axe-core", "axe.min.js");

    private static final String RUN = """
            async () => {
              const { violations } = await axe.run(document, { resultTypes: ['violations'] });
              return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
            }
            """;

    private Axe() {}

    /** Returns a line for each violation in the page as it is now; none if axe is not installed, which fails in CI. */
    static List<?> findings(Page page) {
        if (!Files.exists(SCRIPT)) {
            assertThat(System.getenv("CI")).as(EditorPages.MISSING).isNotEqualTo("true");
            return List.of();
        }
        if (page.evaluate("typeof axe").equals("undefined")) {
            page.evaluate(script()
                    + "; 0"); // the page's policy forbids a script of another source, but no evaluation by the browser
        }
        return (List<?>) page.evaluate(RUN);
    }

    private static String script() {
        try {
            return Files.readString(SCRIPT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
