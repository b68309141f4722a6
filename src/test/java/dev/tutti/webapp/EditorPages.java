package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

/** The pages of documents, which Maven builds where there is Node.js. Stateless. */
final class EditorPages {
    static final Path FOLDER = Path.of("target", "editor");

    /** What to do where there are none. */
    static final String MISSING = "The pages of documents are not built: that needs Node.js 20.19 or later, and npm";

    private EditorPages() {}

    /** Returns whether there are any; in CI, where nobody would notice, it fails without. */
    static boolean areBuilt() {
        boolean built = Files.exists(FOLDER.resolve("document.html"));
        if (!built) {
            assertThat(System.getenv("CI")).as(MISSING).isNotEqualTo("true");
            System.err.println("They are not tested. " + MISSING); // the reason of a skip is in the report only
        }
        return built;
    }
}
