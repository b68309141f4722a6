package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.TestSettings;
import dev.tutti.Tutti;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another application decides about rights over HTTP, with a real server and each protocol. */
@Timeout(60)
class PolicyAccessIT {
    private static final String MEMBER = "[\"read\",\"write\",\"presence\"]";
    private static final String UNKNOWN = "the rights of this user are not known now: try again later";

    private final List<String> asked = new CopyOnWriteArrayList<>();
    /** The answer about each name; without one, the application fails. */
    private final Map<String, String> answers = new ConcurrentHashMap<>(Map.of("garden", MEMBER, "closed", "[]"));

    private volatile CountDownLatch mayAnswer = new CountDownLatch(0);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer application;
    private StandaloneServer server;

    @BeforeEach
    void startApplication() throws IOException {
        application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.setExecutor(threads);
        application.createContext("/", this::answer);
        application.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        asked.add(question);
        try {
            mayAnswer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String answer = answers.get(question.replaceAll(".*\"name\":\"([^\"]*)\".*", "$1"));
        byte[] body = ("{\"may\":" + answer + "}").getBytes(UTF_8);
        exchange.sendResponseHeaders(answer == null ? 500 : 200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private void start(Map<String, String> more) throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "access",
                "token,open",
                "jwt-secret",
                SecretTokens.SECRET,
                "access-answer-seconds",
                "1",
                "access-url",
                "http://127.0.0.1:" + application.getAddress().getPort() + "/may"));
        settings.putAll(more);
        server = StandaloneServer.start(TestSettings.of(settings), null);
    }

    @AfterEach
    void stop() {
        server.stop();
        mayAnswer.countDown();
        application.stop(0);
        threads.shutdownNow();
    }

    private Peer tutti() throws IOException {
        Peer peer = Peer.connect(server.port());
        peer.send(Peer.handshake("/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n"));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        assertThat(peer.frame().text()).contains("\"welcome\"");
        return peer;
    }

    private static String join(Peer peer, String room) throws IOException {
        peer.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"" + room + "\"}");
        return peer.frame().text();
    }

    private String get(String path) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            return peer.rest();
        }
    }

    private String close(String path) throws IOException {
        try (Peer peer = Peer.open(server.port(), path)) {
            Peer.Frame close = peer.closeFrame();
            return close.code() + " " + close.reason();
        }
    }

    /** Returns the answer to Hocuspocus's authentication: {@code 2} for granted, {@code 1 reason} for denied. */
    private String hocuspocus(String document) throws IOException {
        Lib0Writer name = new Lib0Writer();
        name.writeVarString(document);
        String key = HexFormat.of().formatHex(name.toByteArray());
        try (Peer peer = Peer.open(server.port(), "/hocuspocus")) {
            peer.send(Peer.frame(0x82, HexFormat.of().parseHex(key + "020000")));
            byte[] payload = peer.frame().payload();
            String answer = HexFormat.of().formatHex(payload).substring(key.length() + 2);
            return answer.startsWith("02")
                    ? "granted"
                    : "denied "
                            + new String(payload, key.length() / 2 + 3, payload.length - key.length() / 2 - 3, UTF_8);
        }
    }

    @Test
    void everyProtocolAsksBeforeItOpens() throws IOException {
        start(Map.of());
        try (Peer plain = Peer.open(server.port(), "/ws/garden")) {
            plain.sendText("\"a\"");
            assertThat(plain.frame().text()).isEqualTo("\"a\"");
        }
        assertThat(close("/ws/closed")).isEqualTo("4403 this user may not join this room");
        try (Peer tutti = tutti()) {
            assertThat(join(tutti, "garden")).contains("\"joined\"");
            assertThat(join(tutti, "closed")).contains("\"forbidden\"");
        }
        try (Peer editor = Peer.open(server.port(), "/yjs/garden")) {
            assertThat(editor.frame().payload()).startsWith(0, 0);
        }
        assertThat(hocuspocus("garden")).isEqualTo("granted");
        assertThat(hocuspocus("closed")).isEqualTo("denied this user may not open this document");
        assertThat(get("/api/documents/garden/stored")).startsWith("HTTP/1.1 200");
        assertThat(get("/api/documents/closed/stored")).startsWith("HTTP/1.1 403");
        assertThat(get("/api/me?document=garden")).contains("\"may\":[\"read\",\"write\",\"presence\"]");
        assertThat(get("/api/me?room=closed")).contains("\"may\":[]");
        assertThat(asked)
                .as("each question once")
                .containsExactlyInAnyOrder(
                        "{\"user\":\"\",\"roles\":[],\"kind\":\"room\",\"name\":\"garden\"}",
                        "{\"user\":\"\",\"roles\":[],\"kind\":\"room\",\"name\":\"closed\"}",
                        "{\"user\":\"\",\"roles\":[],\"kind\":\"document\",\"name\":\"garden\"}",
                        "{\"user\":\"\",\"roles\":[],\"kind\":\"document\",\"name\":\"closed\"}");
    }

    @Test
    void failingApplicationLetsNobodyIn() throws IOException {
        start(Map.of());
        assertFailsClosed();
    }

    @Test
    void silentApplicationLetsNobodyInAfterASecond() throws IOException {
        mayAnswer = new CountDownLatch(1);
        start(Map.of());
        long start = System.nanoTime();
        assertThat(close("/ws/garden")).isEqualTo("1013 " + UNKNOWN);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
        assertFailsClosed();
    }

    private void assertFailsClosed() throws IOException {
        assertThat(close("/ws/away")).isEqualTo("1013 " + UNKNOWN);
        try (Peer tutti = tutti()) {
            assertThat(join(tutti, "away")).contains("\"unavailable\"", UNKNOWN);
        }
        assertThat(close("/yjs/away")).isEqualTo("1013 " + UNKNOWN);
        assertThat(hocuspocus("away")).isEqualTo("denied " + UNKNOWN);
        assertThat(get("/api/documents/away/stored")).startsWith("HTTP/1.1 503").contains(UNKNOWN);
        assertThat(get("/api/me?room=away")).startsWith("HTTP/1.1 503").contains(UNKNOWN);
    }

    @Test
    void manyClientsWaitForOneQuestion() throws IOException {
        mayAnswer = new CountDownLatch(1);
        start(Map.of("access-answer-seconds", "30"));
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Peer peer = Peer.open(server.port(), "/ws/garden");
            peer.sendText("\"" + i + "\"");
            peers.add(peer);
        }
        Awaitility.await().until(() -> asked.size() == 1);
        mayAnswer.countDown();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(Tutti.current().members("garden")).hasSize(200));
        peers.get(0).sendText("\"end\"");
        for (Peer peer : peers) {
            String text = peer.frame().text();
            while (!text.equals("\"end\"")) {
                text = peer.frame().text();
            }
            peer.close();
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void clientThatLeavesMeanwhileLeavesNoTrace() throws IOException {
        mayAnswer = new CountDownLatch(1);
        start(Map.of("access-answer-seconds", "30"));
        try (Peer peer = Peer.open(server.port(), "/ws/garden")) {
            peer.sendText("\"a\"");
            Awaitility.await().until(() -> asked.size() == 1);
        }
        Awaitility.await().until(() -> Tutti.current().parts().hub().clientCount() == 0);
        mayAnswer.countDown();
        try (Peer late = Peer.open(server.port(), "/ws/garden")) {
            late.sendText("\"b\"");
            assertThat(late.frame().text()).isEqualTo("\"b\"");
        }
    }

    @Test
    void userAndRolesOfATokenAreAsked() throws IOException {
        start(Map.of());
        String token = SecretTokens.token("Ann", 600, ",\"groups\":[\"blue\"]");
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(Peer.handshake("/ws/garden", "Authorization: Bearer " + token + "\r\n"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            peer.sendText("\"a\"");
            assertThat(peer.frame().text()).isEqualTo("\"a\"");
        }
        assertThat(asked)
                .containsExactly("{\"user\":\"Ann\",\"roles\":[\"blue\"],\"kind\":\"room\",\"name\":\"garden\"}");
    }

    @Test
    void listAsksForTheListAndThenForEachDocument() throws IOException {
        answers.put("", "[\"manage\"]");
        start(Map.of());
        for (String name : List.of("garden", "mine", "closed")) {
            answers.put(name, name.equals("mine") ? "[\"read\",\"write\",\"manage\"]" : MEMBER);
            try (Peer editor = Peer.open(server.port(), "/yjs/" + name)) {
                assertThat(editor.frame().payload()).startsWith(0, 0);
                editor.send(Peer.frame(0x82, HexFormat.of().parseHex("00020b0101010004010174016100")));
                editor.frame();
            }
        }
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(get("/api/documents/mine/stored")).contains("\"complete\":true"));

        assertThat(get("/api/documents"))
                .startsWith("HTTP/1.1 200")
                .contains("\"mine\"")
                .doesNotContain("\"garden\"", "\"closed\"");
    }

    /** Reads frames up to one that matches. */
    private static Peer.Frame await(Peer peer, Predicate<Peer.Frame> isAwaited) throws IOException {
        Peer.Frame frame = peer.frame();
        while (!isAwaited.test(frame)) {
            frame = peer.frame();
        }
        return frame;
    }

    private interface Change {
        void run() throws Exception;
    }

    /** Opens the garden by each protocol as the user Ann, then takes all her rights, and waits until each connection has lost it. */
    private Duration loss(Change change, int plainCode, String tuttiCode) throws Exception {
        String token = SecretTokens.token("Ann", 600);
        String authorization = "Authorization: Bearer " + token + "\r\n";
        try (Peer plain = Peer.connect(server.port());
                Peer tutti = tutti();
                Peer editor = Peer.connect(server.port());
                Peer hocuspocus = Peer.connect(server.port())) {
            plain.send(Peer.handshake("/ws/garden", authorization));
            editor.send(Peer.handshake("/yjs/garden", authorization));
            hocuspocus.send(Peer.handshake("/hocuspocus", authorization));
            for (Peer peer : List.of(plain, editor, hocuspocus)) {
                assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            }
            plain.sendText("\"a\"");
            assertThat(plain.frame().text()).isEqualTo("\"a\"");
            tutti.sendText("{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + token + "\"}");
            assertThat(tutti.frame().text()).contains("\"ok\"");
            assertThat(join(tutti, "garden")).contains("\"joined\"");
            assertThat(editor.frame().payload()).startsWith(0, 0);
            hocuspocus.send(Peer.frame(0x82, HexFormat.of().parseHex("0667617264656e020000")));
            assertThat(hocuspocus.frame().payload()).contains(2, 2);

            long start = System.nanoTime();
            change.run();
            assertThat(plain.closeFrame().code()).isEqualTo(plainCode);
            assertThat(await(tutti, frame -> frame.text().contains("\"removed\""))
                            .text())
                    .contains("\"" + tuttiCode + "\"");
            assertThat(await(editor, frame -> frame.opcode() == Peer.CLOSE).code())
                    .isEqualTo(plainCode);
            assertThat(await(hocuspocus, frame -> frame.payload().length > 8 && frame.payload()[8] == 1)
                            .payload())
                    .startsWith(6, 'g');
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }

    @Test
    void rightThatIsTakenBackIsLost() throws Exception {
        start(Map.of("access-cache-seconds", "4"));

        assertThat(loss(() -> answers.put("garden", "[]"), 4403, "forbidden")).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void reauthorizeAsksAtOnce() throws Exception {
        start(Map.of("access-cache-seconds", "3600"));
        Change change = () -> {
            answers.put("garden", "[]");
            assertThat(Tutti.current().reauthorize("Ann").toCompletableFuture().get())
                    .isEqualTo(4);
        };

        assertThat(loss(change, 4403, "forbidden")).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void applicationThatStaysAwayEndsTheRights() throws Exception {
        start(Map.of("access-cache-seconds", "4"));

        assertThat(loss(() -> answers.remove("garden"), 1001, "rejoin"))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(8));
    }
}
