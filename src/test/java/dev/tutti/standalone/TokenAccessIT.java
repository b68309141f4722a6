package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.TestSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each place in which a token travels, with a real server. */
class TokenAccessIT {
    private static final String ANN = SecretTokens.token("Ann", 600);
    private static final String EXPIRED = SecretTokens.token("Ann", -600);
    private static final List<String> PATHS = List.of("/ws", "/ws/a", "/connect", "/yjs/a", "/hocuspocus");

    private StandaloneServer server;

    private void start(Map<String, String> more) throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of("access", "token", "jwt-secret", SecretTokens.SECRET));
        settings.putAll(more);
        server = StandaloneServer.start(TestSettings.of(settings), null);
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private String handshake(String path, String... fields) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(Peer.handshake(path, fields));
            String head = peer.head();
            return head.startsWith("HTTP/1.1 101") ? head : head + peer.rest();
        }
    }

    private String get(String path, String... fields) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + String.join("", fields)
                    + "\r\n");
            return peer.rest();
        }
    }

    @Test
    void headerCarriesAToken() throws IOException {
        start(Map.of());
        for (String path : PATHS) {
            assertThat(handshake(path, "Authorization: Bearer " + ANN + "\r\n")).startsWith("HTTP/1.1 101");
            assertThat(handshake(path, "Authorization: Bearer " + EXPIRED + "\r\n"))
                    .contains("401 Unauthorized", "WWW-Authenticate: Bearer", "the token has expired")
                    .doesNotContain(EXPIRED);
        }
        assertThat(get("/api/documents/a/stored", "Authorization: Bearer " + ANN + "\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(get("/api/documents/a/stored", "Authorization: Bearer " + EXPIRED + "\r\n"))
                .startsWith("HTTP/1.1 401")
                .contains("\"error\":\"unauthenticated\"", "WWW-Authenticate: Bearer");
    }

    @Test
    void onlyProtocolsWithATokenMessageOpenWithoutAToken() throws IOException {
        start(Map.of());
        for (String path : PATHS) {
            boolean takesTokenLater = path.equals("/connect") || path.equals("/hocuspocus");
            assertThat(handshake(path)).startsWith("HTTP/1.1 " + (takesTokenLater ? "101" : "401"));
        }
        assertThat(get("/api/documents/a/stored")).startsWith("HTTP/1.1 401");
        assertThat(get("/health")).startsWith("HTTP/1.1 200");
    }

    @Test
    void subprotocolCarriesATokenAndTheFixedOneIsAnswered() throws IOException {
        start(Map.of());
        for (String[] pathAndName : new String[][] {
            {"/ws", "tutti.plain"}, {"/ws/a", "tutti.plain"}, {"/yjs/a", "yjs"}, {"/connect", "tutti.v1"}
        }) {
            String offered = "Sec-WebSocket-Protocol: " + pathAndName[1] + ", bearer.";
            assertThat(handshake(pathAndName[0], offered + ANN + "\r\n"))
                    .startsWith("HTTP/1.1 101")
                    .containsIgnoringCase("Sec-WebSocket-Protocol: " + pathAndName[1] + "\r\n")
                    .doesNotContain(ANN);
            assertThat(handshake(pathAndName[0], offered + EXPIRED + "\r\n")).startsWith("HTTP/1.1 401");
        }
    }

    @Test
    void queryCarriesATokenWhereItIsSwitchedOn() throws IOException {
        start(Map.of("jwt-in-query", "true"));

        assertThat(handshake("/yjs/a?token=" + ANN)).startsWith("HTTP/1.1 101");
        assertThat(handshake("/yjs/a?token=" + EXPIRED)).startsWith("HTTP/1.1 401");
        assertThat(handshake("/yjs/a?token=" + ANN + "&token=" + ANN)).startsWith("HTTP/1.1 401");
    }

    @Test
    void queryIsIgnoredElsewhere() throws IOException {
        start(Map.of());

        assertThat(handshake("/yjs/a?token=" + ANN)).startsWith("HTTP/1.1 401");
    }

    @Test
    void messageCarriesATokenOnConnect() throws IOException {
        start(Map.of());
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(Peer.handshake("/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101");
            assertThat(peer.frame().text()).contains("\"type\":\"welcome\"");
            peer.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"a\"}");
            assertThat(peer.frame().text()).contains("\"unauthenticated\"");
            peer.sendText("{\"type\":\"authenticate\",\"id\":2,\"token\":\"" + ANN + "\"}");
            assertThat(peer.frame().text()).startsWith("{\"type\":\"ok\",\"id\":2,\"user\":\"Ann\",\"expires\":");
            peer.sendText("{\"type\":\"join\",\"id\":3,\"room\":\"a\"}");
            assertThat(peer.frame().text()).contains("\"type\":\"joined\"");
        }
    }

    @Test
    void tooManyFailedTokensAreRefusedByEachProtocol() throws IOException {
        start(Map.of("max-failed-tokens-per-second", "1"));
        String bad = ANN.substring(0, ANN.length() - 8) + "AAAAAAAA";
        for (int i = 0; i < 2; i++) {
            assertThat(handshake("/ws", "Authorization: Bearer " + bad + "\r\n"))
                    .startsWith("HTTP/1.1 401");
        }
        for (String path : PATHS) {
            for (int i = 0; i < 5; i++) { // the limit leaks out
                handshake(path, "Authorization: Bearer " + bad + "\r\n");
            }
            assertThat(handshake(path, "Authorization: Bearer " + ANN + "\r\n"))
                    .startsWith("HTTP/1.1 429")
                    .doesNotContain("WWW-Authenticate");
        }
        handshake("/ws", "Authorization: Bearer " + bad + "\r\n");
        assertThat(get("/api/documents/a/stored", "Authorization: Bearer " + ANN + "\r\n"))
                .startsWith("HTTP/1.1 429")
                .contains("\"error\":\"rate_limited\"");
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(Peer.handshake("/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101");
            peer.frame();
            peer.sendText("{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + bad + "\"}");
            peer.frame();
            peer.sendText("{\"type\":\"authenticate\",\"id\":2,\"token\":\"" + ANN + "\"}");
            assertThat(peer.frame().text()).contains("\"code\":\"rate_limited\"");
        }
    }

    @Test
    void tokenForOneDocumentOpensNoOther() throws IOException {
        start(Map.of());
        String token = SecretTokens.token("Ann", 600, ",\"tutti\":[{\"documents\":[\"plan\"],\"may\":[\"read\"]}]");

        String authorization = "Authorization: Bearer " + token + "\r\n";
        assertThat(get("/api/documents/plan/stored", authorization)).startsWith("HTTP/1.1 200");
        assertThat(get("/api/documents/other/stored", authorization)).startsWith("HTTP/1.1 403");
        for (String path : List.of("/ws", "/ws/plan", "/yjs/other")) {
            try (Peer peer = Peer.connect(server.port())) {
                peer.send(Peer.handshake(path, authorization));
                assertThat(peer.head()).startsWith("HTTP/1.1 101");
                assertThat(peer.closeFrame().code()).as(path).isEqualTo(4403);
            }
        }
    }

    @Test
    void rulesDecideByUserAndRole() throws IOException {
        start(Map.of(
                "rules",
                "[{\"role\":\"blue\",\"documents\":[\"blue-*\"],\"may\":[\"read\"]},"
                        + "{\"documents\":[\"home-{user}\"],\"may\":[\"read\"]}]"));
        String token = SecretTokens.token("Ann", 600, ",\"groups\":[\"blue\"]");
        for (String[] nameAndStatus :
                new String[][] {{"blue-plan", "200"}, {"home-Ann", "200"}, {"home-Ben", "403"}, {"red-plan", "403"}}) {
            assertThat(get("/api/documents/" + nameAndStatus[0] + "/stored", "Authorization: Bearer " + token + "\r\n"))
                    .as(nameAndStatus[0])
                    .startsWith("HTTP/1.1 " + nameAndStatus[1]);
        }
    }

    @Test
    void silentListenerIsClosedWhenItsTokenEnds() throws IOException {
        start(Map.of("jwt-clock-skew", "0"));
        String token = SecretTokens.token("Ann", 3);
        List<Peer> peers = new ArrayList<>();
        try {
            for (String path : PATHS) {
                Peer peer = Peer.connect(server.port());
                peers.add(peer);
                peer.send(Peer.handshake(
                        path, "Sec-WebSocket-Protocol: tutti.v1\r\n", "Authorization: Bearer " + token + "\r\n"));
                assertThat(peer.head()).startsWith("HTTP/1.1 101");
            }
            for (Peer peer : peers) {
                assertThat(peer.closeFrame().code()).isEqualTo(4401);
            }
        } finally {
            for (Peer peer : peers) {
                peer.close();
            }
        }
    }
}
