package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Starts a server once for all cases. After each case the server must have no clients left. The last cases stop it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(ConformanceTable.class)
@Timeout(180)
abstract class ServerSuite {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    final ServerUnderTest server;
    /** The clients of the current case, closed at its end. */
    final List<AutoCloseable> clients = new ArrayList<>();

    private boolean stopped;

    ServerSuite(ServerUnderTest server) {
        this.server = server;
    }

    @BeforeAll
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void closeClients() throws Exception {
        for (AutoCloseable client : clients) {
            client.close();
        }
        clients.clear();
        if (!stopped) {
            awaitClients(0);
        }
    }

    @AfterAll
    void stop() throws Exception {
        stopped = true;
        server.stop();
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void serverStopClosesClientsWith1001() throws Exception {
        JdkClient client = join();

        stop();

        assertThat(client.closeCode().get(10, TimeUnit.SECONDS)).isIn(server.closeCodesOnStop());
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void logHasNoStackTraceErrorOrLeak() throws Exception {
        stop();

        List<String> log = server.log().lines().toList();

        Pattern stackTrace = Pattern.compile("\\s+at [\\w.$/<>@-]+\\(.*\\)");
        assertThat(log).noneMatch(line -> stackTrace.matcher(line).matches());
        Pattern error = Pattern.compile(".*\\b(ERROR|SEVERE)\\b.*");
        assertThat(log)
                .noneMatch(line ->
                        line.contains("dev.tutti") && error.matcher(line).matches());
        if (server.detectsLeaks()) {
            Pattern leak = Pattern.compile(".*(memory leak|failed to stop it|failed to remove it).*");
            assertThat(log).noneMatch(line -> leak.matcher(line).matches());
        }
    }

    JdkClient join() throws Exception {
        return join("/ws");
    }

    JdkClient join(String path) throws Exception {
        JdkClient client = JdkClient.join(server, path);
        clients.add(client);
        return client;
    }

    void awaitClients(int count) {
        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(server.clients()).isEqualTo(count));
    }
}
