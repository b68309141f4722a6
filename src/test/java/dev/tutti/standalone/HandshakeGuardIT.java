package dev.tutti.standalone;

import static dev.tutti.standalone.BadRequests.GET;
import static dev.tutti.standalone.BadRequests.POST;
import static dev.tutti.standalone.BadRequests.chunked;
import static dev.tutti.standalone.BadRequests.get;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.standalone.guard.HeadReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule for HTTP and handshakes, on a socket: the response, the end of the connection, and a healthy client afterwards. */
class HandshakeGuardIT {
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void assertServerHealthy() throws IOException {
        server.assertHealthy();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("dev.tutti.standalone.BadRequests#all")
    void badRequestGetsOneLineAndClose(String name, int status, String request) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(request);
            String head = peer.head();
            assertThat(head).startsWith("HTTP/1.1 " + status + " ").contains("\r\nConnection: close");
            String body = peer.rest();
            if (request.startsWith("HEAD")) {
                assertThat(body).isEmpty();
            } else {
                assertThat(body).matches("[ -~]+\n");
                assertThat(head).contains("\r\nContent-Length: " + body.length() + "\r\n");
            }
        }
    }

    @Test
    void errorsNameTheExpectedFields() throws IOException {
        assertThat(answer(Peer.handshake("/ws").replace("GET", "POST"))).contains("\r\nAllow: GET\r\n");
        assertThat(answer(Peer.handshake("/ws").replace("13\r", "12\r"))).contains("\r\nSec-WebSocket-Version: 13\r\n");
        assertThat(answer(get("/ws")))
                .contains("\r\nConnection: close, Upgrade\r\n")
                .contains("\r\nUpgrade: websocket\r\n");
    }

    private static String answer(String request) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(request);
            return peer.head();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ws",
                "/ws/room",
                "/ws/~Room.1_-:@",
                "/ws/%72oom",
                "/ws?token=a%20b",
                "/ws?a={b}|[c]^`",
                "/ws?a=%ff",
                "/ws?",
                "http://127.0.0.1/ws",
                "HTTP://a.example:81/ws/room"
            })
    void validTargetIsAccepted(String target) throws IOException {
        try (Peer peer = Peer.open(server.port(), target)) {
            peer.sendText("\"hello\"");
            assertThat(peer.frame().text()).isEqualTo("\"hello\"");
        }
    }

    static Stream<String> greatestRequests() {
        return Stream.of(
                get("/" + "a".repeat(8191)),
                GET + "A: b\r\n".repeat(99) + "\r\n",
                GET + "A: " + "b".repeat(HeadReader.MAX_HEAD_BYTES - GET.length() - 7) + "\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("greatestRequests")
    void requestAtTheLimitIsPassedOn(String request) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(request);
            assertThat(peer.response()).isIn(200, 404);
        }
    }

    @Test
    void fieldSyntaxVariantsAreAccepted() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send("\r\nGET /ws HTTP/1.1\r\nhOST:127.0.0.1\r\nupgrade: \t WebSocket \t\r\n"
                    + "CONNECTION: keep-alive,, Upgrade\r\nSec-WebSocket-Version:13\r\nSec-WebSocket-Extensions: "
                    + "permessage-deflate; client_max_window_bits\r\nCookie: \u00e4\r\nSec-WebSocket-Key: "
                    + Peer.KEY + "\r\nOrigin: http://127.0.0.1\r\n\r\n");
            assertThat(peer.head())
                    .startsWith("HTTP/1.1 101 ")
                    .containsIgnoringCase("\r\nSec-WebSocket-Accept: " + Peer.ACCEPT + "\r\n")
                    .doesNotContainIgnoringCase("extensions");
        }
    }

    @Test
    void absoluteTargetReplacesHost() throws IOException {
        String page = "Origin: http://a.example\r\n";
        assertThat(answer(Peer.handshake("http://a.example/ws", page))).startsWith("HTTP/1.1 101 ");
        assertThat(answer(Peer.handshake("http://b.example/ws", page))).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void handshakeInSingleBytesIsAccepted() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            for (byte b : Peer.handshake("/ws").getBytes(ISO_8859_1)) {
                peer.send(new byte[] {b});
            }
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void requestsOfOneConnectionAreAnsweredInOrder() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(GET + "\r\n" + chunked("3\r\nabc\r\n0\r\nTrailer: a\r\n\r\n") + POST
                    + "Content-Length: 3\r\n\r\nabc" + get("/nowhere") + Peer.handshake("/ws"));
            assertThat(List.of(peer.response(), peer.response(), peer.response(), peer.response()))
                    .containsExactly(200, 405, 405, 404);
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            peer.sendText("\"hello\"");
            assertThat(peer.frame().text()).isEqualTo("\"hello\"");
        }
    }

    @Test
    void pipelinedRequestsInSegmentsAreAnsweredInOrder() throws IOException {
        String requests = GET + "\r\n" + chunked("3\r\nabc\r\n0\r\n\r\n") + get("/nowhere") + get("/api/documents")
                + get("/api/documents/x");
        int times = 50; // Grizzly closes a connection after 256 requests
        byte[] all = (requests.repeat(times) + Peer.handshake("/ws")).getBytes(ISO_8859_1);
        try (Peer peer = Peer.connect(server.port())) {
            for (int from = 0; from < all.length; from += 50) {
                peer.send(Arrays.copyOfRange(all, from, Math.min(all.length, from + 50)));
            }
            for (int i = 0; i < times; i++) {
                assertThat(List.of(peer.response(), peer.response(), peer.response(), peer.response(), peer.response()))
                        .containsExactly(200, 405, 404, 200, 200);
            }
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            peer.sendText("\"hello\"");
            assertThat(peer.frame().text()).isEqualTo("\"hello\"");
        }
    }

    @Test
    void requestAfterValidRequestIsChecked() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(GET + "\r\n" + "GET /smuggled\n");
            assertThat(peer.rest()).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 400 ");
        }
    }

    @Test
    void http2UpgradeRequestIsServedAsHttp1() throws Exception {
        assertThat(HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/health"))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void http10IsServed() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send("GET /health HTTP/1.0\r\n\r\n");
            assertThat(peer.rest()).contains(" 200 ");
        }
    }
}
