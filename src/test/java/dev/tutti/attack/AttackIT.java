package dev.tutti.attack;

import dev.tutti.WarProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Attacks on {@code java -Xmx256m -jar tutti.war}. */
class AttackIT extends AttackSuite {
    /** Shorter times than the defaults, for which the suite would wait. */
    private static final String[] OPTIONS = {
        "--host=127.0.0.1",
        "--port=0",
        "--handshake-seconds=4",
        "--history=*=300/1048576/5",
        "--access=local,token",
        "--jwt-issuer=attacks",
        "--jwt-audiences=*"
    };

    /** The property {@code tutti.attack.jvm} adds options, such as those of a profiler. */
    private static final List<String> JVM_OPTIONS =
            List.of(("-Xmx" + HEAP + " " + System.getProperty("tutti.attack.jvm", ""))
                    .strip()
                    .split(" +"));

    private WarProcess server;

    AttackIT() {
        super("attacks.md");
    }

    @Override
    Target start(Path documents) throws Exception {
        server = WarProcess.startIn(
                List.of(),
                JVM_OPTIONS,
                directory.resolve("cache"),
                Map.of(
                        "TUTTI_DATA",
                        documents.toString(),
                        "TUTTI_JWT_KEYS",
                        Files.writeString(directory.resolve("issuer.pem"), SignedTokens.publicKey())
                                .toString()),
                OPTIONS);
        return new Target(server.awaitPort(), "", server.pid());
    }

    @Override
    void stop() {
        if (server != null) {
            server.kill();
        }
    }

    @Override
    List<String> serverErrors() {
        List<String> serverErrors = new ArrayList<>();
        if (!server.isAlive()) {
            serverErrors.add("the process has ended");
        }
        server.err().stream()
                .filter(line -> line.matches(".*(SEVERE|Error|Exception).*"))
                .limit(5)
                .forEach(serverErrors::add);
        return serverErrors;
    }

    @Override
    Stream<List<Attack>> all() {
        Stream<Attack> slow = Stream.of(HttpAttacks.slow(), FrameAttacks.slow()).flatMap(List::stream);
        List<List<Attack>> others = new ArrayList<>(List.of(
                HttpAttacks.light(),
                TokenAttacks.light(),
                FrameAttacks.light(),
                RoomAttacks.light(),
                DocumentAttacks.light()));
        others.addAll(memory());
        others.add(RoomAttacks.unread());
        if (ALL) {
            others.addAll(List.of(
                    HttpAttacks.heavy(),
                    FrameAttacks.heavy(),
                    RoomAttacks.heavy(),
                    DocumentAttacks.heavy(),
                    HocuspocusAttacks.heavy()));
        }
        return Stream.concat(
                Stream.of(slow.toList()), others.stream().flatMap(List::stream).map(List::of));
    }
}
