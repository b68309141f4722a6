package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionLimitsIT {
    @ParameterizedTest
    @CsvSource({"max-connections, 503", "max-connections-per-address, 429"})
    void fullServerRefusesWebSocketsButAnswersPlainRequestsUntilSomebodyLeaves(String limit, int status)
            throws IOException {
        try (Running server = Running.start(Map.of(limit, "3"))) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                peers.add(Peer.open(server.port(), "/ws"));
            }
            assertThat(statusOf(server, Peer.handshake("/ws"))).isEqualTo(status);
            assertThat(statusOf(server, Peer.handshake("/ws/room"))).isEqualTo(status);
            assertThat(statusOf(server, "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(status);
            assertThat(statusOf(server, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"))
                    .isEqualTo(200);

            peers.get(0).sendText("\"hello\"");
            for (Peer peer : peers) {
                assertThat(peer.frame().text()).isEqualTo("\"hello\"");
            }
            peers.remove(0).close();
            await().untilAsserted(() ->
                    assertThat(statusOf(server, Peer.handshake("/ws"))).isEqualTo(101));
            for (Peer peer : peers) {
                peer.close();
            }
            server.isHealthy();
        }
    }

    private static int statusOf(Running server, String request) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(request);
            return Integer.parseInt(peer.head().substring(9, 12));
        }
    }
}
