package dev.tutti.conformance;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tutti.conformance.AccessCases.Case;
import dev.tutti.conformance.AccessCases.Outcome;
import dev.tutti.standalone.SecretTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each action by each protocol by each way into a server, with the right and without it, on one server with its own security configured. The last
 * line on standard output has the number of cases.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
abstract class AccessMatrixSuite {
    /** The settings of a server: rules by names, and tokens. */
    static final Map<String, String> SETTINGS =
            Map.of("jwt-secret", SecretTokens.SECRET, "jwt-in-query", "true", "rules", AccessCases.RULES);

    /** All ways that need no container. */
    static final List<WayIn> OWN_WAYS = List.of(
            WayIn.local(),
            WayIn.open(),
            WayIn.tokenInHeader("ann"),
            WayIn.tokenInSubprotocol("ann"),
            WayIn.tokenInMessage("ann"),
            WayIn.tokenInQuery("ann"));

    static List<WayIn> ownWaysAnd(WayIn another) {
        return Stream.concat(OWN_WAYS.stream(), Stream.of(another)).toList();
    }

    @TempDir
    static Path folder;

    private final WayIn keeper;
    private final List<WayIn> ways;
    private ServerUnderTest server;
    private int passed;
    private int all;
    private long startNanos;

    /**
     * Makes the matrix of a server.
     *
     * @param keeper of the user who has all rights
     */
    AccessMatrixSuite(WayIn keeper, List<WayIn> ways) {
        this.keeper = keeper;
        this.ways = ways;
    }

    /** Returns the server, not started. */
    abstract ServerUnderTest server() throws Exception;

    @BeforeAll
    final void start() throws Exception {
        server = server();
        server.start();
        startNanos = System.nanoTime();
    }

    @AfterAll
    final void stop() throws Exception {
        System.out.printf(
                "access matrix, %s: %d of %d cases passed in %.1f s%n",
                getClass().getSimpleName(), passed, all, (System.nanoTime() - startNanos) / 1e9);
        server.stop();
    }

    @TestFactory
    final Stream<DynamicTest> everyActionByEveryProtocolAndWay() {
        List<DynamicTest> tests = new ArrayList<>();
        for (WayIn way : ways) {
            AccessCases cases = new AccessCases(server, keeper, way);
            for (Case one : cases.all()) {
                for (Outcome outcome : way.outcomes()) {
                    tests.add(dynamicTest(way + " " + one + " " + outcome, () -> {
                        one.attempt().run(cases.nameFor(one, outcome), outcome == Outcome.ALLOWED);
                        passed++;
                    }));
                }
            }
        }
        all = tests.size();
        return tests.stream();
    }
}
