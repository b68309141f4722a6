package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Limits of one user, who connects from many addresses by each protocol. */
class UserLimitsIT {
    private static final String ANN = SecretTokens.token("Ann", 600);
    private static final String BEN = SecretTokens.token("Ben", 600);
    private static final byte[] STATE_VECTOR = {0, 0, 1, 0};

    private static TestServer start(Map<String, String> more) throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of("access", "token", "jwt-secret", SecretTokens.SECRET));
        settings.putAll(more);
        return TestServer.start(settings);
    }

    /** Returns the peer and the status line of its handshake. */
    private record Answered(Peer peer, String status) {}

    private int addresses;

    /** Connects from an address of its own. */
    private Answered connect(TestServer server, String path, String token) throws IOException {
        Peer peer = Peer.connectFrom("127.0.1." + ++addresses, server.port());
        peer.send(Peer.handshake(
                path, "Sec-WebSocket-Protocol: tutti.v1\r\n", "Authorization: Bearer " + token + "\r\n"));
        return new Answered(peer, peer.head().substring(9, 12));
    }

    private static void close(List<Peer> peers) throws IOException {
        for (Peer peer : peers) {
            peer.close();
        }
    }

    @Test
    void connectionsOfOneUserAreLimitedByEachProtocol() throws IOException {
        List<Peer> peers = new ArrayList<>();
        try (TestServer server = start(Map.of("max-connections-per-user", "5"))) {
            for (String path : List.of("/ws", "/ws/a", "/connect", "/yjs/a", "/hocuspocus")) {
                Answered answered = connect(server, path, ANN);
                peers.add(answered.peer);
                assertThat(answered.status).isEqualTo("101");
            }
            await().until(() -> server.clients() == 5);
            for (String path : List.of("/ws", "/ws/a", "/connect", "/yjs/a", "/hocuspocus")) {
                Answered answered = connect(server, path, ANN);
                peers.add(answered.peer);
                assertThat(answered.status).as(path).isEqualTo("429");
            }
            Answered ben = connect(server, "/ws", BEN);
            peers.add(ben.peer);
            assertThat(ben.status).isEqualTo("101");

            Peer later = Peer.connect(server.port());
            peers.add(later);
            later.send(Peer.handshake("/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n"));
            later.head();
            later.frame();
            later.sendText("{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + ANN + "\"}");
            assertThat(later.frame().text()).contains("limit_exceeded", "too many connections of this user");

            peers.remove(0).close();
            await().until(() -> server.clients() == 6);
            later.sendText("{\"type\":\"authenticate\",\"id\":2,\"token\":\"" + ANN + "\"}");
            assertThat(later.frame().text()).contains("\"user\":\"Ann\"");
        } finally {
            close(peers);
        }
    }

    @Test
    void inputOfOneUserIsLimitedOverAllProtocols() throws IOException {
        List<Peer> peers = new ArrayList<>();
        try (TestServer server = start(Map.of("max-bytes-per-second-per-user", "1000"))) {
            Peer plain = connect(server, "/ws/a", ANN).peer;
            Peer tutti = connect(server, "/connect", ANN).peer;
            Peer editor = connect(server, "/yjs/a", ANN).peer;
            Peer ben = connect(server, "/ws/b", BEN).peer;
            peers.addAll(List.of(plain, tutti, editor, ben));
            tutti.frame();
            tutti.sendText("{\"type\":\"ping\",\"id\":1,\"ignored\":\"" + "a".repeat(60_000) + "\"}");
            assertThat(tutti.frame().text()).contains("\"ok\"");

            tutti.sendText("{\"type\":\"ping\",\"id\":2}");
            assertThat(tutti.frame().text()).contains("rate_limited", "too many bytes a second of this user");
            plain.sendText("\"a\"");
            assertThat(plain.closeFrame().reason()).isEqualTo("too many bytes a second of this user");
            editor.send(Peer.frame(0x80 | Peer.BINARY, STATE_VECTOR));
            Peer.Frame close = editor.closeFrame();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo("too many bytes a second of this user");
            ben.sendText("\"b\"");
            assertThat(ben.frame().text()).isEqualTo("\"b\"");
        } finally {
            close(peers);
        }
    }

    @Test
    void documentsOfOneUserAreLimitedAndFreedAgain() throws Exception {
        List<Peer> peers = new ArrayList<>();
        try (TestServer server = start(Map.of("max-documents-per-user", "2"))) {
            Peer first = connect(server, "/yjs/a", ANN).peer;
            Peer provider = connect(server, "/hocuspocus", BEN).peer; // its documents' tokens are Ann's
            peers.addAll(List.of(first, provider));
            first.frame();
            openDocument(provider, "b", ANN);
            assertThat(new String(provider.frame().payload(), UTF_8)).contains("read-write");
            assertThat(Tutti.current().parts().documents().count()).isEqualTo(2);
            Peer second = connect(server, "/yjs/c", ANN).peer;
            peers.add(second);
            second.frame();
            Peer tooMany = connect(server, "/yjs/d", ANN).peer;
            peers.add(tooMany);
            assertThat(tooMany.closeFrame().reason()).isEqualTo("this user has too many documents open");
            first.close();
            await().until(() -> {
                Peer again = connect(server, "/yjs/d", ANN).peer;
                peers.add(again);
                return again.frame().opcode() == Peer.BINARY;
            });
        } finally {
            close(peers);
        }
    }

    private static void openDocument(Peer provider, String name, String token) throws IOException {
        Lib0Writer message = new Lib0Writer();
        message.writeVarString(name);
        message.writeVarUint(2);
        message.writeVarUint(0);
        message.writeVarString(token);
        provider.send(Peer.frame(0x80 | Peer.BINARY, message.toByteArray()));
    }
}
