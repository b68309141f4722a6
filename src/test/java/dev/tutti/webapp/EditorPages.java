package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

/** The pages of documents, which Maven builds if Node.js is installed. Stateless. */
public final class EditorPages {
    static final Path FOLDER = Path.of("target", "editor");

    /** The reason for skipped tests. */
    public static final String MISSING =
            "the pages of documents are not built, which requires Node.js 20.19 or later, and npm";

    private EditorPages() {}

    /** Returns whether the pages are built; in CI it fails if they are not. */
    public static boolean areBuilt() {
        boolean built = Files.exists(FOLDER.resolve("document.html"));
        if (!built) {
            assertThat(System.getenv("CI")).as(MISSING).isNotEqualTo("true");
        }
        return built;
    }
}
