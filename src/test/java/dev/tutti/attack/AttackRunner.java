package dev.tutti.attack;

import static org.awaitility.Awaitility.await;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.core.ConditionTimeoutException;

/** Runs attacks on one server while a probe measures the latency of well-behaved clients. Confined to one thread. */
final class AttackRunner implements Closeable {
    /** Time for the server to drop histories and unload documents. */
    private static final Duration CLEANUP_TIMEOUT = Duration.ofSeconds(30);

    /** Memory that a server may retain after all attacks, such as compiled code and pooled buffers. */
    private static final long RETAINED_BYTES = 24 << 20;

    /** Echoes of one second. */
    private static final int ECHOES = 100;

    /** Echoes between a garbage collection and an attack. */
    private static final int ECHOES_BEFORE_ATTACK = 5;

    private final Target target;
    private final RemoteJvm jvm;
    private final LatencyProbe probe;
    private final long restBytes;

    /** Connects a probe and warms the server up with it. */
    AttackRunner(Target target) throws IOException {
        this.target = target;
        this.jvm = new RemoteJvm(target.pid());
        this.probe = new LatencyProbe(target);
        probe.awaitEchoes(2 * ECHOES);
        this.restBytes = jvm.liveBytes();
    }

    /** Returns the latency without an attack. */
    Latency baseline() {
        probe.begin();
        return probe.measured(2 * ECHOES);
    }

    /** Runs attacks at the same time. All reports have the same latency. */
    List<AttackReport> run(List<Attack> attacks) throws Exception {
        probe.awaitEchoes(ECHOES_BEFORE_ATTACK);
        jvm.begin();
        probe.begin();
        List<Map<String, Integer>> outcomes = attack(attacks);
        Latency latency = probe.measured(ECHOES);
        long peak = jvm.peakBytes();
        List<String> problems = new ArrayList<>(probe.failures());
        long after = 0;
        if (!target.isHealthy()) {
            problems.add("the server does not answer");
        } else if (problems.isEmpty()) {
            after = awaitCleanup();
            if (after > restBytes + RETAINED_BYTES) {
                problems.add("the memory is not released");
            }
            if (!probe.isStored()) {
                problems.add("the edits of the probe are not stored");
            }
        }
        List<AttackReport> reports = new ArrayList<>();
        for (int i = 0; i < attacks.size(); i++) {
            List<String> all = new ArrayList<>(problems);
            all.addAll(unexpected(attacks.get(i), outcomes.get(i)));
            reports.add(new AttackReport(attacks.get(i), latency, peak, after, outcomes.get(i), all));
        }
        return reports;
    }

    private List<Map<String, Integer>> attack(List<Attack> attacks) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(attacks.size());
        try {
            List<Callable<Map<String, Integer>>> actions = new ArrayList<>();
            for (int i = 0; i < attacks.size(); i++) {
                Attack attack = attacks.get(i);
                String address = "127.0.0." + (2 + i);
                actions.add(() -> attack(attack, address));
            }
            List<Map<String, Integer>> outcomes = new ArrayList<>();
            for (Future<Map<String, Integer>> done : executor.invokeAll(actions)) {
                outcomes.add(done.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            executor.shutdownNow();
        }
    }

    private Map<String, Integer> attack(Attack attack, String address) throws Exception {
        try (Attackers attackers = new Attackers(target, address)) {
            attack.action().run(attackers);
            return attackers.tally();
        }
    }

    private static List<String> unexpected(Attack attack, Map<String, Integer> outcomes) {
        List<String> expected = attack.expected();
        boolean asExpected = expected.containsAll(outcomes.keySet());
        return asExpected ? List.of() : List.of("expected is " + expected);
    }

    /** Waits until the memory in use is inDocument that before the attack, or a time limit. Returns it. */
    private long awaitCleanup() {
        long[] live = {0};
        try {
            await().pollInSameThread()
                    .atMost(CLEANUP_TIMEOUT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(250))
                    .ignoreException(UndeclaredThrowableException.class) // the server is too busy to answer
                    .until(() -> (live[0] = jvm.liveBytes()) <= restBytes + RETAINED_BYTES);
        } catch (ConditionTimeoutException e) {
            // the report says that too much is left
        }
        return live[0];
    }

    @Override
    public void close() throws IOException {
        probe.close();
        jvm.close();
    }
}
