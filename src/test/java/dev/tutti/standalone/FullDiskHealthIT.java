package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The readiness of a server whose documents are on a full disk. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere there are no mounts of a process's own")
@Timeout(120)
class FullDiskHealthIT {
    private static final List<String> OWN_MOUNTS =
            List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c");
    private static final String MOUNT = "mount -t tmpfs -o size=16m tmpfs \"$0\"";
    private static final String READY = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    @TempDir
    Path cache;

    @TempDir
    Path documents;

    @Test
    void fullDiskIsNotReadyUntilThereIsSpace() throws Exception {
        assumeThat(canMount())
                .as("mounting a file system is not permitted here")
                .isTrue();
        List<String> wrapper = new ArrayList<>(OWN_MOUNTS);
        wrapper.addAll(List.of(MOUNT + " && exec \"$@\"", documents.toString()));
        try (WarProcess server = WarProcess.startIn(
                wrapper, cache, Map.of("TUTTI_DATA", documents.toString()), "--host=127.0.0.1", "--port=0")) {
            int port = server.awaitPort();
            assertThat(RunnableWarIT.exchange(port, READY))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("{\"name\":\"store\",\"status\":\"UP\"");
            Path filler = server.inMountNamespace(documents).resolve("filler");
            fill(filler);

            awaitReady(port, "HTTP/1.1 503 ");
            assertThat(RunnableWarIT.exchange(port, READY))
                    .contains(
                            "\"status\":\"DOWN\"",
                            "\"reason\":\"no space is left on the device of the documents\"",
                            "{\"name\":\"rooms\",\"status\":\"UP\"");
            assertThat(RunnableWarIT.exchange(port, READY.replace("ready", "live")))
                    .startsWith("HTTP/1.1 200 ");
            Files.delete(filler);
            awaitReady(port, "HTTP/1.1 200 ");
            assertThat(RunnableWarIT.exchange(port, READY.replace("health/ready", "api/documents")))
                    .contains("{\"documents\":[],\"more\":false}");
        }
    }

    private static void awaitReady(int port, String start) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(RunnableWarIT.exchange(port, READY)).startsWith(start));
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] some = new byte[4096];
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private boolean canMount() throws InterruptedException {
        List<String> all = new ArrayList<>(OWN_MOUNTS);
        all.addAll(List.of(MOUNT, documents.toString()));
        try {
            return new ProcessBuilder(all).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
