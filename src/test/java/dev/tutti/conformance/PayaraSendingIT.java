package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Writers of text on Payara, which report no end. */
class PayaraSendingIT extends SendingSuite<PayaraMicroServer> {
    PayaraSendingIT() {
        super("org.glassfish.");
    }

    @Override
    PayaraMicroServer server() {
        return new PayaraMicroServer("");
    }

    @Test
    void stalledPeersWithDefaultBuffersMakeNobodyWait() throws Exception {
        start(server());

        assertThatStalledPeersWithDefaultBuffersMakeNobodyWait();
    }

    @Test
    void stalledPeersDelayNobody() throws Exception {
        start(server());

        assertThatStalledPeersDelayNobody();
    }

    /** A writer may send as many frames as it likes. */
    @Test
    void eachMessageIsOneFrame() throws Exception {
        start(server());
        try (RawClient client = RawClient.connect(server, "/ws/frames", 0)) {
            for (int bytes = 10; bytes < 40_000; bytes = bytes * 3 / 2) {
                String message = "\"" + "é".repeat(bytes / 2) + "\"";
                client.sendText(message);

                RawClient.Frame frame = client.read();

                assertThat(frame.last()).isTrue();
                assertThat(frame.opcode()).isEqualTo(RawClient.TEXT);
                assertThat(new String(frame.payload(), StandardCharsets.UTF_8)).isEqualTo(message);
            }
        }
    }
}
