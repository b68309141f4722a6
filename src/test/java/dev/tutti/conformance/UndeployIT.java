package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.store.postgres.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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
                assertThat(jcmd(server, "Thread.print")).contains("\"tutti-");
                assertThat(jcmd(server, "GC.class_histogram")).contains("dev.tutti.", "org.postgresql.");

                server.undeploy();

                assertThat(jcmd(server, "Thread.print")).doesNotContain("\"tutti-");
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(jcmd(server, "GC.class_histogram"))
                                .doesNotContain("dev.tutti.", "org.postgresql.", "ParallelWebappClassLoader"));
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
    }

    /** Returns the output of a jcmd command for the server's JVM. A class histogram collects garbage first. */
    private static String jcmd(ContainerServer server, String command) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(server.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
