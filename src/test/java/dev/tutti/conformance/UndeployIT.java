package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.store.postgres.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Undeploys the WAR from a running Tomcat. */
@Timeout(120)
class UndeployIT {
    @TempDir
    private Path database;

    @Test
    void undeployLeavesNothing() throws Exception {
        try (PostgresServer postgres = new PostgresServer(database)) {
            TomcatServer server = new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/tutti");
            server.with("database", postgres.url());
            server.start();
            try {
                use(server);
                assertThat(server.jcmd("Thread.print")).contains("\"tutti-");
                assertThat(server.jcmd("GC.class_histogram")).contains("dev.tutti.", "org.postgresql.");

                server.undeploy();

                assertThat(server.jcmd("Thread.print")).doesNotContain("\"tutti-");
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(server.jcmd("GC.class_histogram"))
                                .doesNotContain(
                                        "dev.tutti.",
                                        "io.micrometer.",
                                        "org.postgresql.",
                                        "ParallelWebappClassLoader"));
                assertThat(server.log())
                        .contains("Undeploying context [/tutti]")
                        .doesNotContain(
                                "memory leak", "failed to unregister", "failed to stop it", "failed to remove it");
            } finally {
                server.stop();
            }
        }
    }

    /** Uses the application so that it starts all of its threads. */
    private static void use(ServerUnderTest server) throws Exception {
        try (JdkClient plain = JdkClient.join(server, "/ws");
                TuttiClient client = TuttiClient.connect(server.webSocket("/connect"));
                RawClient editor = RawClient.connect(server, "/yjs/page", 0)) {
            plain.send("\"hello\"");
            await().until(() -> plain.count() == 1);
            client.ask("'type':'join','room':'room'");
            editor.read();
            editor.send(RawClient.BINARY, true, new byte[] {0, 2, 10, 1, 1, 5, 0, 4, 1, 1, 't', 1, 'a'});
            editor.read();
        }
        server.metrics();
    }
}
