package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import dev.tutti.hub.Budget;
import dev.tutti.yjs.UpdateBuilder;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionLimitsIT {
    @ParameterizedTest
    @CsvSource({"max-connections, 503", "max-connections-per-address, 429"})
    void fullServerRefusesWebSocketsOnly(String limit, int status) throws IOException {
        try (TestServer server = TestServer.start(Map.of(limit, "3"))) {
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
            server.assertHealthy();
        }
    }

    @Test
    void oneAddressGetsHalfTheDocumentShare() throws IOException {
        try (TestServer server =
                TestServer.start(Map.of("memory-budget", "20000000"))) { // of which 7 MB are for documents
            for (String address : List.of("127.0.0.2", "127.0.0.3")) {
                try (Peer fits = Peer.connectFrom(address, server.port());
                        Peer isTooMuch = Peer.connectFrom(address, server.port())) {
                    fits.upgrade("/yjs/small" + address);
                    fits.send(Peer.frame(0x80 | Peer.BINARY, text(1_000_000)));
                    fits.send(Peer.frame(0x80 | Peer.BINARY, (byte) 102, (byte) 7));
                    assertThat(fits.frame().opcode()).isEqualTo(Peer.BINARY);
                    isTooMuch.upgrade("/yjs/large" + address);
                    isTooMuch.send(Peer.frame(0x80 | Peer.BINARY, text(1_800_000)));
                    assertThat(isTooMuch.closeFrame().code()).isEqualTo(1013);
                }
            }
            server.assertHealthy();
        }
    }

    /** Returns a {@code /yjs} message that writes {@code bytes} bytes of text. */
    private static byte[] text(int bytes) {
        byte[] update = new UpdateBuilder()
                .structs(1, 0, UpdateBuilder.text(null, null, "x".repeat(bytes)))
                .build();
        Lib0Writer message = new Lib0Writer();
        message.writeVarUint(0);
        message.writeVarUint(2);
        message.writeVarBytes(update);
        return message.toByteArray();
    }

    @Test
    void unfinishedHeadsAreBudgeted() throws IOException {
        String unfinished = "GET /health HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(1_900);
        try (TestServer server = TestServer.start(Map.of("memory-budget", "100000"))) { // of which a fifth is for input
            List<Peer> peers = new ArrayList<>();
            Budget budget = Tutti.current().parts().hub().budget();
            for (int i = 1; i <= 9; i++) { // 2 KiB each; a tenth exceeds the share
                Peer peer = Peer.connect(server.port());
                peers.add(peer);
                peer.send(unfinished);
                int heads = i;
                await().until(() -> budget.usedBytes(Budget.Share.INPUT) == heads * 2_048L);
            }
            try (Peer refused = Peer.connect(server.port())) {
                refused.send(unfinished);
                assertThat(refused.head()).contains(" 503 ");
            }
            peers.get(0).send("\r\n\r\n");
            assertThat(peers.get(0).head()).contains(" 200 ");
            for (Peer peer : peers) {
                peer.close();
            }
            await().until(() -> budget.usedBytes(Budget.Share.INPUT) == 0);
            server.assertHealthy();
        }
    }

    private static int statusOf(TestServer server, String request) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(request);
            return Integer.parseInt(peer.head().substring(9, 12));
        }
    }
}
