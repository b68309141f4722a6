package dev.tutti.websocket;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stock Yjs providers with no change but the address of the server. */
class ProvidersIT {
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void stockProvidersPass() throws Exception {
        NodeTests.run(NodeTests.installed(Path.of("src", "test", "javascript", "providers")));
    }
}
