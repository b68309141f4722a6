package dev.tutti.websocket;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tests of webapp/tutti.js, with a real server and a proxy that they can break. */
class TuttiJsIT {
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void javaScriptTestsPass() throws Exception {
        NodeTests.run(Path.of("src", "test", "javascript", "tutti"));
    }
}
