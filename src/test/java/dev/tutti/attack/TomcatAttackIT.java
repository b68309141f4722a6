package dev.tutti.attack;

import dev.tutti.conformance.ContainerServer;
import dev.tutti.conformance.TomcatServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Attacks on the memory of a Tomcat. */
@EnabledIfSystemProperty(
        named = AttackSuite.ALL_PROPERTY,
        matches = "true",
        disabledReason = "the attacks on Tomcat need -Dtutti.attack.all=true")
class TomcatAttackIT extends AttackSuite {
    /** Tomcat waits 50 ms for room to send a close frame, then it ends the connection without one. */
    private static final String ENDED = "ended";

    private ContainerServer server;

    TomcatAttackIT() {
        super("attacks-tomcat.md");
    }

    @Override
    Target start(Path documents) throws Exception {
        server = new TomcatServer(System.getProperty("tutti.tomcat11.version"), "")
                .withHeap(HEAP)
                .withOption("-Djdk.nio.maxCachedBufferSize=262144") // as servers.md advises
                .with("data", documents.toString())
                .with("max-messages-per-second", "200")
                .with("max-message-burst", "1000")
                .with("max-connections-per-address", "2000")
                .with("history", "*=300/1048576/5");
        server.start();
        return new Target(server.port(), server.contextPath(), server.pid());
    }

    @Override
    void stop() throws Exception {
        if (server != null) {
            server.stop();
        }
    }

    @Override
    List<String> serverErrors() throws IOException {
        return server.log()
                .lines()
                .filter(line -> line.matches(".*(OutOfMemoryError|SEVERE.*dev\\.tutti|dev\\.tutti.*SEVERE).*"))
                .limit(5)
                .toList();
    }

    @Override
    Stream<List<Attack>> all() {
        return memory().stream().flatMap(List::stream).map(attack -> List.of(attack.orExpect(ENDED)));
    }
}
