package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.WarProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with a budget larger than its heap, the only way to exhaust it. */
@Tag("alone")
class MemoryExhaustionIT {
    @TempDir
    private static Path cache;

    @Test
    void exhaustedMemoryEndsProcessWithReason() throws Exception {
        List<Peer> peers = new ArrayList<>();
        try (WarProcess process = WarProcess.start(
                cache,
                Map.of("JAVA_TOOL_OPTIONS", "-Xmx48m"),
                "--host=127.0.0.1",
                "--port=0",
                "--memory-budget=100000000000")) {
            int port = process.awaitPort();
            byte[] header = ByteBuffer.allocate(14)
                    .put((byte) (0x80 | Peer.BINARY))
                    .put((byte) 0xFF)
                    .putLong(4_000_000)
                    .array();
            try {
                for (int i = 0; i < 50; i++) {
                    Peer peer = Peer.open(port, "/yjs/document");
                    peers.add(peer);
                    peer.send(header);
                    peer.send(new byte[3_900_000]);
                }
            } catch (IOException e) {
                // the process exits
            }
            assertThat(process.awaitExit()).isEqualTo(MemoryExhaustion.EXIT_STATUS);
            assertThat(process.err()).anyMatch(line -> line.startsWith("tutti: the memory is exhausted"));
        } finally {
            for (Peer peer : peers) {
                peer.close();
            }
        }
    }
}
