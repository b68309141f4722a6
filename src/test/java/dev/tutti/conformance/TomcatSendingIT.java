package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Blocking writes on Tomcat. */
class TomcatSendingIT extends SendingSuite<TomcatServer> {
    /** The log line about writers that wait. */
    private static final String SUSPENDED = "make all writers wait";

    private final Pattern waitingWriter = waiting("tutti-write-");

    TomcatSendingIT() {
        super("org.apache.");
    }

    @Override
    TomcatServer server() {
        return new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/tutti");
    }

    @Override
    void checkThreads(String dump) {
        assertThat(dump).doesNotContainPattern(waitingWriter);
    }

    @Test
    void stalledPeersWithDefaultBuffersMakeNobodyWait() throws Exception {
        start(server());

        assertThatStalledPeersWithDefaultBuffersMakeNobodyWait();

        assertThat(server.log()).doesNotContain(SUSPENDED);
    }

    /** The kernel holds less than the window: writes to all of these peers block. */
    @Test
    void peersThatBlockWritesDelayNobody() throws Exception {
        start(server().withConnector("socket.txBufSize", "2048"));

        assertThatStalledPeersDelayNobody();

        assertThat(server.log()).contains(SUSPENDED);
    }
}
