package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.metrics.PrometheusText;
import dev.tutti.security.Action;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server counts of real clients, compared with what they have sent and received. */
class MetricsIT {
    /** Without pings, which would be frames that are not counted. */
    private static final Map<String, String> NO_PINGS = Map.of("ping-seconds", "0", "vanished-seconds", "0");

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Peer> peers = new ArrayList<>();

    /** Frames and bytes on the wire that the peers have received. */
    private long frames;

    private long bytes;

    @TempDir
    private Path directory;

    @AfterEach
    void close() throws IOException {
        for (Peer peer : peers) {
            peer.close();
        }
    }

    private Peer open(TestServer server, String path) throws IOException {
        Peer peer = Peer.connect(server.port());
        peers.add(peer);
        peer.send(Peer.handshake(path, path.equals("/connect") ? "Sec-WebSocket-Protocol: tutti.v1\r\n" : ""));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        return peer;
    }

    private Peer.Frame receive(Peer peer) throws IOException {
        Peer.Frame frame = peer.frame();
        int length = frame.payload().length;
        frames++;
        bytes += length + (length < 126 ? 2 : length < 65536 ? 4 : 10);
        return frame;
    }

    private HttpResponse<String> get(TestServer server, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private PrometheusText read(TestServer server) throws Exception {
        HttpResponse<String> response = get(server, "/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        return PrometheusText.parse(response.body());
    }

    /** A client receives a frame before the run that has sent it ends, and is counted. */
    private void eventually(TestServer server, ThrowingConsumer<PrometheusText> expected) {
        await().pollInterval(Duration.ofMillis(20)).untilAsserted(() -> expected.accept(read(server)));
    }

    @Test
    void plainTrafficIsCountedExactly() throws Exception {
        try (TestServer server = TestServer.start(NO_PINGS)) {
            List<Peer> everybody = List.of(open(server, "/ws"), open(server, "/ws"), open(server, "/ws"));
            List<Peer> room = List.of(open(server, "/ws/a"), open(server, "/ws/a"));
            eventually(
                    server, text -> assertThat(text.value("tutti_room_members")).isEqualTo(5));
            for (int i = 0; i < 10; i++) {
                for (Peer peer : everybody) {
                    peer.sendText("\"to all\"");
                }
                room.get(i % 2).sendText("\"to the room\"");
            }
            for (int i = 0; i < 30; i++) {
                for (Peer peer : everybody) {
                    receive(peer);
                }
            }
            for (int i = 0; i < 10; i++) {
                for (Peer peer : room) {
                    receive(peer);
                }
            }

            eventually(server, text -> {
                assertThat(text.value("tutti_connections{endpoint=\"/ws\"}")).isEqualTo(3);
                assertThat(text.value("tutti_connections{endpoint=\"/ws/{room}\"}"))
                        .isEqualTo(2);
                assertThat(text.value("tutti_messages_received_total{protocol=\"plain\"}"))
                        .isEqualTo(40);
                assertThat(text.value("tutti_publications_total")).isEqualTo(40);
                assertThat(text.value("tutti_deliveries_total{protocol=\"plain\"}"))
                        .isEqualTo(3 * 30 + 2 * 10);
                assertThat(text.value("tutti_frames_sent_total")).isEqualTo(frames);
                assertThat(text.value("tutti_bytes_sent_total")).isEqualTo(bytes);
                assertThat(text.value("tutti_rooms")).isEqualTo(2);
                assertThat(text.value("tutti_publish_duration_seconds_count")).isBetween(2L, 40L);
            });
        }
    }

    @Test
    void closesAndRefusalsAreCountedByTheirReason() throws Exception {
        try (TestServer server = TestServer.start(Map.of("max-messages-per-second", "1", "max-message-burst", "2"))) {
            open(server, "/ws").send(Peer.frame(0x80 | Peer.CLOSE, (byte) 3, (byte) 0xE8));
            open(server, "/ws").close();
            open(server, "/ws").sendText("no JSON");
            open(server, "/ws").send(Peer.frame(0x80 | Peer.BINARY, (byte) 1));
            Peer fast = open(server, "/ws/a");
            for (int i = 0; i < 3; i++) {
                fast.sendText("\"a\"");
            }
            assertThat(fast.closeFrame().code()).isEqualTo(1008);
            open(server, "/ws/a");

            eventually(server, text -> {
                assertThat(text.value("tutti_connections_accepted_total{endpoint=\"/ws\"}"))
                        .isEqualTo(4);
                assertThat(text.value("tutti_connections{endpoint=\"/ws\"}")).isZero();
                assertThat(text.value("tutti_connections{endpoint=\"/ws/{room}\"}"))
                        .isOne();
                assertThat(text.value("tutti_connections_closed_total{code=\"peer\"}"))
                        .isEqualTo(2);
                assertThat(text.value("tutti_connections_closed_total{code=\"1003\"}"))
                        .isOne();
                assertThat(text.value("tutti_connections_closed_total{code=\"1007\"}"))
                        .isOne();
                assertThat(text.value("tutti_connections_closed_total{code=\"1008\"}"))
                        .isOne();
                assertThat(text.value("tutti_limit_breaches_total{limit=\"message_rate\"}"))
                        .isOne();
                assertThat(text.value("tutti_messages_received_total{protocol=\"plain\"}"))
                        .isEqualTo(2);
            });
        }
    }

    /** Reads until the peer has received a message that contains a text. */
    private String receiveUntil(Peer peer, String part) throws IOException {
        while (true) {
            String text = receive(peer).text();
            if (text.contains(part)) {
                return text;
            }
        }
    }

    @Test
    void roomsOfTuttiV1AreCountedExactly() throws Exception {
        try (TestServer server = TestServer.start(NO_PINGS)) {
            Peer ann = open(server, "/connect");
            ann.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"a\"}");
            receiveUntil(ann, "\"type\":\"joined\"");
            for (int i = 0; i < 5; i++) {
                ann.sendText("{\"type\":\"publish\",\"room\":\"a\",\"data\":" + i + "}");
                receiveUntil(ann, "\"data\":" + i);
            }
            Peer ben = open(server, "/connect");
            ben.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"a\",\"since\":{\"epoch\":\"other\",\"offset\":1}}");
            String joined = receiveUntil(ben, "\"type\":\"joined\"");
            receiveUntil(ann, "\"type\":\"entered\"");
            String position = joined.replaceAll(".*\"position\":(\\{[^}]*}).*", "$1");
            ben.sendText("{\"type\":\"leave\",\"id\":2,\"room\":\"a\"}");
            receiveUntil(ben, "\"id\":2");
            receiveUntil(ann, "\"type\":\"left\"");
            ben.sendText("{\"type\":\"join\",\"id\":3,\"room\":\"a\",\"since\":" + position + "}");
            receiveUntil(ben, "\"id\":3");
            receiveUntil(ann, "\"type\":\"entered\"");

            eventually(server, text -> {
                assertThat(text.value("tutti_connections{endpoint=\"/connect\"}"))
                        .isEqualTo(2);
                assertThat(text.value("tutti_room_members")).isEqualTo(2);
                assertThat(text.value("tutti_messages_received_total{protocol=\"tutti.v1\"}"))
                        .isEqualTo(9);
                assertThat(text.value("tutti_publications_total")).isEqualTo(5);
                assertThat(text.value("tutti_deliveries_total{protocol=\"tutti.v1\"}"))
                        .isEqualTo(5);
                assertThat(text.value("tutti_frames_sent_total")).isEqualTo(frames);
                assertThat(text.value("tutti_bytes_sent_total")).isEqualTo(bytes);
                assertThat(text.value("tutti_recoveries_total{recovered=\"true\"}"))
                        .isOne();
                assertThat(text.value("tutti_recoveries_total{recovered=\"false\"}"))
                        .isOne();
            });
        }
    }

    /** Returns an update in which client 1 adds its next letter to the text "t". */
    private static byte[] letter(int clock) {
        Lib0Writer update = new Lib0Writer();
        update.write(new byte[] {1, 1, 1, (byte) clock});
        update.write(clock == 0 ? new byte[] {4, 1, 1, 't'} : new byte[] {(byte) 0x84, 1, (byte) (clock - 1)});
        update.write(new byte[] {1, 'x', 0});
        Lib0Writer message = new Lib0Writer();
        message.write(new byte[] {0, 2});
        message.writeVarBytes(update.toByteArray());
        return message.toByteArray();
    }

    @Test
    void updatesAndTheirAcknowledgementsAreCounted() throws Exception {
        Map<String, String> settings = new HashMap<>(NO_PINGS);
        settings.put("data", directory.toString());
        try (TestServer server = TestServer.start(settings)) {
            Peer ann = open(server, "/yjs/a");
            Peer ben = open(server, "/yjs/a");
            receive(ann);
            receive(ben); // sync step 1: both are members
            for (int i = 0; i < 5; i++) {
                ann.send(Peer.frame(0x80 | Peer.BINARY, letter(i)));
                assertThat(receive(ben).payload()).startsWith(0, 2);
                assertThat(receive(ann).payload()).as("acknowledgement").startsWith(0, 2);
            }

            eventually(server, text -> {
                assertThat(text.value("tutti_connections{endpoint=\"/yjs/{document}\"}"))
                        .isEqualTo(2);
                assertThat(text.value("tutti_messages_received_total{protocol=\"y-websocket\"}"))
                        .isEqualTo(5);
                assertThat(text.value("tutti_deliveries_total{protocol=\"y-websocket\"}"))
                        .isEqualTo(5);
                assertThat(text.value("tutti_document_update_duration_seconds_count"))
                        .isEqualTo(5);
                assertThat(text.value("tutti_document_ack_duration_seconds_count{store=\"file\"}"))
                        .isEqualTo(5);
                assertThat(text.value("tutti_store_commit_duration_seconds_count{store=\"file\"}"))
                        .isEqualTo(5);
                assertThat(text.value("tutti_store_commit_updates_sum")).isEqualTo(5);
                assertThat(text.value("tutti_store_failures_total")).isZero();
                assertThat(text.value("tutti_store_lag_bytes")).isZero();
                assertThat(text.value("tutti_documents_open")).isOne();
                assertThat(text.value("tutti_documents_bytes")).isPositive();
                assertThat(text.value("tutti_frames_sent_total")).isEqualTo(frames);
                assertThat(text.value("tutti_bytes_sent_total")).isEqualTo(bytes);
            });
        }
    }

    @Test
    void requestsAndTokensAreCountedByTheirResult() throws Exception {
        Map<String, String> settings =
                Map.of("access", "token,local", "jwt-secret", SecretTokens.SECRET, "metrics-access", "open");
        try (TestServer server = TestServer.start(settings, (identity, action, resource) -> action != Action.ADMIN)) {
            for (String token : List.of(SecretTokens.token("ann", 600), "no-token")) {
                Peer peer = Peer.connect(server.port());
                peers.add(peer);
                peer.send(Peer.handshake("/ws", "Authorization: Bearer " + token + "\r\n"));
                peer.head();
            }
            get(server, "/health");
            get(server, "/api/unheard-of/" + "x".repeat(50));

            eventually(server, text -> {
                assertThat(text.value("tutti_authentications_total{result=\"accepted\"}"))
                        .isOne();
                assertThat(text.value("tutti_authentications_total{result=\"refused\"}"))
                        .isOne();
                assertThat(text.value(count("/health", 200))).isOne();
                assertThat(text.value(count("unknown", 404))).isOne();
            });
        }
    }

    private static String count(String route, int status) {
        return "tutti_http_request_duration_seconds_count{route=\"" + route + "\",status=\"" + status + "\"}";
    }

    @Test
    void metricsNeedTheRightToAdminister() throws Exception {
        try (TestServer server =
                TestServer.start(Map.of("access", "open"), (identity, action, resource) -> action != Action.ADMIN)) {
            HttpResponse<String> refused = get(server, "/metrics");

            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body().getBytes(UTF_8)).hasSizeLessThan(200);
        }
    }
}
