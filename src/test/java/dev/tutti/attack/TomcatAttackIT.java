package dev.tutti.attack;

import dev.tutti.conformance.ContainerServer;
import dev.tutti.conformance.TomcatServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Attacks on the memory of a Tomcat. */
class TomcatAttackIT extends AttackSuite {
    /** Tomcat waits 50 ms for room to send a close frame, then it ends the connection without one. */
    private static final String ENDED = "ended";

    private static final int WARM_UP_MESSAGES = 40;
    private static final int WARM_UP_BYTES = 2 << 20;
    private static final String WARM_UP_ADDRESS = "127.0.0.200";

    /** Each connection has a thread of Tomcat's, so up to 110 of them share the processors with those that serve the probe. */
    private static final double TOMCAT_BOUND_MILLIS = 200;

    private ContainerServer server;

    TomcatAttackIT() {
        super("attacks-tomcat.md");
    }

    @Override
    Target start(Path documents) throws Exception {
        server = new TomcatServer(System.getProperty("tutti.tomcat11.version"), "")
                .optimizing()
                .withHeap(HEAP)
                .withOption("-Djdk.nio.maxCachedBufferSize=262144") // as servers.md advises
                .with("data", documents.toString())
                .with("ping-seconds", "25") // the default: the attackers do not answer for some seconds
                .with("max-messages-per-second", "200")
                .with("max-message-burst", "1000")
                .with("max-connections-per-address", "2000")
                .with("history", "*=300/1048576/5");
        server.start();
        Target target = new Target(server.port(), server.contextPath(), server.pid());
        warmUp(target);
        return target;
    }

    /** Sends long messages until Tomcat's loop over their bytes is compiled: interpreted, it takes ten times as long. */
    private static void warmUp(Target target) throws IOException {
        byte[] content = new byte[WARM_UP_BYTES];
        try (Attackers senders = new Attackers(target, WARM_UP_ADDRESS)) {
            for (int i = 0; i < WARM_UP_MESSAGES; i++) {
                Attacker sender = senders.open("/yjs/warm-up");
                sender.waitLong();
                sender.send(Attacker.header(Attacker.FINAL | Attacker.BINARY, content.length + 1), content);
                senders.closeAndCount(List.of(sender));
            }
        }
    }

    @Override
    double boundMillis() {
        return TOMCAT_BOUND_MILLIS;
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
