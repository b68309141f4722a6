package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tutti.TestSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets in, by the setting {@code access}, on the standalone server. */
class AccessIT {
    private static final String LOCAL = "127.0.0.1";
    private static final String REBOUND = "rebound.example";

    @TempDir
    Path pages;

    private StandaloneServer start(Map<String, String> given) throws IOException {
        Files.writeString(pages.resolve("index.html"), "<title>page</title>");
        return StandaloneServer.start(TestSettings.of(given), List.of(pages));
    }

    /** Returns the response's head and body. */
    private static String request(StandaloneServer server, String line, String host, String... fields)
            throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + String.join("", fields)
                    + "\r\n");
            return peer.rest();
        }
    }

    private static String handshake(StandaloneServer server, String path, String host, String... fields)
            throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(Peer.handshake(path, fields).replace("Host: 127.0.0.1", "Host: " + host));
            String head = peer.head();
            return head.startsWith("HTTP/1.1 101") ? head : head + peer.rest();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "local, 127.0.0.1, 101",
        "local, rebound.example, 403",
        "open, rebound.example, 101",
        "container, 127.0.0.1, 403",
        "'container,local', 127.0.0.1, 101",
    })
    void eachEndpointAsksTheGate(String access, String host, String status) throws IOException {
        StandaloneServer server = start(Map.of("access", access));
        try {
            for (String path : List.of("/ws", "/ws/a", "/connect", "/yjs/a", "/hocuspocus")) {
                String head = handshake(server, path, host, "Sec-WebSocket-Protocol: tutti.v1\r\n");
                assertThat(head).as(path).startsWith("HTTP/1.1 " + status + " ");
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void localServerRefusesOthersAndNamesTheSetting() throws IOException {
        StandaloneServer server = start(Map.of("access", "local"));
        try {
            assertThat(handshake(server, "/ws", REBOUND)).contains("403 Forbidden", "--access=open");
            assertThat(handshake(server, "/ws", LOCAL, "X-Forwarded-For: 192.0.2.1\r\n"))
                    .contains("403 Forbidden");
            assertThat(request(server, "GET /api/documents", REBOUND))
                    .startsWith("HTTP/1.1 403")
                    .contains("{\"error\":\"forbidden\",\"message\":\"only this machine has access");
            assertThat(request(server, "DELETE /api/documents/a", REBOUND)).startsWith("HTTP/1.1 403");
            assertThat(request(server, "GET /api/documents/a/stored", REBOUND)).startsWith("HTTP/1.1 403");
            assertThat(request(server, "GET /", REBOUND))
                    .startsWith("HTTP/1.1 403")
                    .contains("TUTTI_ACCESS=open")
                    .doesNotContain("<title>");
            assertThat(request(server, "GET /health", REBOUND)).startsWith("HTTP/1.1 200");
            assertThat(request(server, "GET /", LOCAL)).contains("<title>page");
            assertThat(request(server, "GET /api/documents", LOCAL)).startsWith("HTTP/1.1 200");
        } finally {
            server.stop();
        }
    }

    @Test
    void openServerLetsGuestsInButNotManage() throws IOException {
        StandaloneServer server = start(Map.of("access", "open"));
        try {
            assertThat(request(server, "GET /", REBOUND)).contains("<title>page");
            assertThat(request(server, "GET /api/documents/a/stored", REBOUND)).startsWith("HTTP/1.1 200");
            assertThat(request(server, "GET /api/documents", REBOUND)).startsWith("HTTP/1.1 403");
            assertThat(request(server, "DELETE /api/documents/a", REBOUND)).startsWith("HTTP/1.1 403");
        } finally {
            server.stop();
        }
    }

    @Test
    void otherHostsAreRefused() throws IOException {
        StandaloneServer server = start(Map.of("access", "open", "allowed-hosts", "tutti.example.org"));
        try {
            for (String path : List.of("/ws", "/ws/a", "/connect", "/yjs/a", "/hocuspocus")) {
                assertThat(handshake(server, path, "tutti.example.org:8000")).startsWith("HTTP/1.1 101");
                assertThat(handshake(server, path, REBOUND)).contains("403 Forbidden", "TUTTI_ALLOWED_HOSTS");
                assertThat(handshake(server, path, LOCAL)).startsWith("HTTP/1.1 101");
            }
            for (String path : List.of("/", "/api/documents/a/stored")) {
                assertThat(request(server, "GET " + path, "tutti.example.org")).startsWith("HTTP/1.1 200");
                assertThat(request(server, "GET " + path, REBOUND)).startsWith("HTTP/1.1 403");
                assertThat(request(server, "GET http://" + REBOUND + path, REBOUND))
                        .startsWith("HTTP/1.1 403");
            }
            assertThat(request(server, "GET /health", REBOUND)).startsWith("HTTP/1.1 200");
        } finally {
            server.stop();
        }
    }

    @Test
    void withoutAHostTheServerListensOnTheLoopbackOnly() throws IOException {
        byte[] one = new byte[16];
        one[15] = 1;
        InetAddress ipv6 = InetAddress.getByAddress(one);
        StandaloneServer server = start(Map.of("host", ""));
        try {
            new Socket(InetAddress.getLoopbackAddress(), server.port()).close();
            if (NetworkInterface.getByInetAddress(ipv6) != null) {
                try (Peer peer = new Peer(new Socket(ipv6, server.port()))) {
                    peer.upgrade("/ws");
                    peer.sendText("\"a\"");
                    assertThat(peer.frame().text()).isEqualTo("\"a\"");
                }
            }
            List<InetAddress> others = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .toList();
            assumeThat(others).isNotEmpty();
            assertThatThrownBy(() -> new Socket(others.get(0), server.port()).close())
                    .isInstanceOf(ConnectException.class);
        } finally {
            server.stop();
        }
    }
}
