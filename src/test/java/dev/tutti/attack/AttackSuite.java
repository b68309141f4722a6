package dev.tutti.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.store.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks on a server with a heap of 256 MB. It is started again for the next attack if it does not survive one. What could go on for
 * ever goes on for {@code -Dtutti.attack.millis}; {@code -Dtutti.attack.only} is a pattern of the names of those that are carried out.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the loopback has one address")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
@Tag("alone")
abstract class AttackSuite {
    /** As {@code -Xmx} has it. */
    static final String HEAP = "256m";

    /** The system property with which also those attacks are carried out that the server does not withstand yet, or too slowly. */
    static final String ALL_PROPERTY = "tutti.attack.all";

    static final boolean ALL = Boolean.getBoolean(ALL_PROPERTY);

    private static final double MAX_MILLIS = 100;
    private static final int SMALL_DOCUMENTS = 1_000;
    private static final String ONLY = System.getProperty("tutti.attack.only", ".*");

    @TempDir
    static Path directory;

    private final Path report;
    private AttackTable table;
    private Latency quiet;
    private Siege siege;

    /** @param report the file for what comes of the attacks */
    AttackSuite(String report) {
        this.report = Path.of("target", report);
    }

    /** Starts the server with documents in a directory. */
    abstract Target start(Path documents) throws Exception;

    /** Ends the server if it lives. */
    abstract void stop() throws Exception;

    /** Returns what the server has said or done that it should not have, for people. */
    abstract List<String> complaints() throws Exception;

    /** Returns all attacks; those in one list are carried out at the same time. */
    abstract Stream<List<Attack>> all();

    /** Returns those that try to fill the memory. */
    static List<List<Attack>> memory() {
        return List.of(
                FrameAttacks.memory(), RoomAttacks.memory(), DocumentAttacks.memory(), HocuspocusAttacks.memory());
    }

    /** Returns the attacks that are carried out. */
    final Stream<List<Attack>> attacks() {
        return all().map(group -> group.stream()
                        .filter(attack -> attack.name().matches(ONLY))
                        .toList())
                .filter(group -> !group.isEmpty());
    }

    @BeforeAll
    final void begin() throws Exception {
        startServer();
        quiet = siege.quiet();
        table = new AttackTable(report, quiet);
    }

    /** Each time with documents of its own, so that no attack is judged by what another left. */
    private void startServer() throws Exception {
        Path documents = Files.createTempDirectory(directory, "documents");
        try (FileStore store = new FileStore(documents)) {
            List<byte[]> large = DocumentAttacks.stored();
            for (int i = 0; i < (ALL ? DocumentAttacks.STORED : 1); i++) {
                for (byte[] update : large) {
                    store.append(DocumentAttacks.storedName(i), update)
                            .toCompletableFuture()
                            .join();
                }
            }
            for (int i = 0; i < SMALL_DOCUMENTS; i++) {
                var unused = store.append("small-" + i, DocumentAttacks.letter(1, 0));
            }
        }
        siege = new Siege(start(documents));
    }

    private void stopServer() throws Exception {
        if (siege != null) {
            siege.close();
            siege = null;
        }
        stop();
    }

    @AfterAll
    final void end() throws Exception {
        stopServer();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    final void othersAreUnaffected(List<Attack> attacks) throws Exception {
        List<Report> reports = carryOut(attacks);
        if (worstP99(reports) > maxMillis() && problems(reports).isEmpty()) {
            Latency before = siege.quiet(); // the machine may have something else to do
            reports = carryOut(attacks);
            Latency after = siege.quiet();
            quiet = before.p99() > after.p99() ? before : after;
        }
        table.add(reports);
        assertThat(problems(reports)).isEmpty();
        assertThat(worstP99(reports)).as("echo p99 in milliseconds").isLessThan(maxMillis());
    }

    private List<Report> carryOut(List<Attack> attacks) throws Exception {
        boolean isSound = false;
        try {
            List<Report> reports = siege.carryOut(attacks);
            reports.get(0).problems().addAll(complaints());
            isSound = problems(reports).isEmpty();
            return reports;
        } finally {
            if (!isSound) {
                stopServer();
                startServer();
            }
        }
    }

    /** A machine that is slow without an attack may be twice as slow with one. */
    private double maxMillis() {
        return Math.max(MAX_MILLIS, 2 * quiet.p99());
    }

    private static double worstP99(List<Report> reports) {
        return reports.stream()
                .mapToDouble(report -> report.latency().p99())
                .max()
                .orElse(0);
    }

    private static List<String> problems(List<Report> reports) {
        return reports.stream().flatMap(report -> report.problems().stream()).toList();
    }
}
