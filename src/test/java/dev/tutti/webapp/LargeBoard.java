package dev.tutti.webapp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

/** Boards with many notes and strokes, which Node.js makes with the code of the pages. Stateless. */
final class LargeBoard {
    private static final Path SCRIPT = Path.of("src", "test", "javascript", "board", "large.mjs");

    private LargeBoard() {}

    /** Returns a Yjs update with so many items. */
    static byte[] update(int items) throws IOException, InterruptedException {
        Process node = new ProcessBuilder("node", SCRIPT.toString(), String.valueOf(items))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] update = node.getInputStream().readAllBytes();
        assertThat(node.waitFor()).isZero();
        return update;
    }
}
