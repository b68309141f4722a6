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

/** Attacks on one server, and the bystander who must not notice. Confined to one thread. */
final class Siege implements Closeable {
    /** Histories and documents that were put away take their time to be cleared up. */
    private static final Duration CLEARING_UP = Duration.ofSeconds(30);

    /** What a server may keep of all attacks together, such as code that was compiled and buffers that are pooled. */
    private static final long KEPT_BYTES = 24 << 20;

    /** A second of them. */
    private static final int ECHOES = 100;

    /** Of them, between a collection and an attack. */
    private static final int PAUSE = 5;

    private final Target target;
    private final Jvm jvm;
    private final Bystander bystander;
    private final long restBytes;

    /** Lets the server get used to the bystander. */
    Siege(Target target) throws IOException {
        this.target = target;
        this.jvm = new Jvm(target.pid());
        this.bystander = new Bystander(target);
        bystander.awaitEchoes(2 * ECHOES);
        this.restBytes = jvm.liveBytes();
    }

    /** Returns the latency when nobody attacks. */
    Latency quiet() {
        bystander.begin();
        return bystander.measured(2 * ECHOES);
    }

    /** Carries out attacks at the same time; the latency is that of all together. */
    List<Report> carryOut(List<Attack> attacks) throws Exception {
        bystander.awaitEchoes(PAUSE);
        jvm.begin();
        bystander.begin();
        List<Map<String, Integer>> outcomes = attack(attacks);
        Latency latency = bystander.measured(ECHOES);
        long peak = jvm.peakBytes();
        List<String> problems = new ArrayList<>(bystander.failures());
        long after = 0;
        if (!target.isHealthy()) {
            problems.add("the server does not answer");
        } else if (problems.isEmpty()) {
            after = clearedUp();
            if (after > restBytes + KEPT_BYTES) {
                problems.add("the memory does not come back");
            }
            if (!bystander.isStored()) {
                problems.add("what the bystander wrote is not stored");
            }
        }
        List<Report> reports = new ArrayList<>();
        for (int i = 0; i < attacks.size(); i++) {
            List<String> all = new ArrayList<>(problems);
            all.addAll(unexpected(attacks.get(i), outcomes.get(i)));
            reports.add(new Report(attacks.get(i), latency, peak, after, outcomes.get(i), all));
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
        List<String> gets = attack.gets();
        boolean asExpected = gets.containsAll(outcomes.keySet());
        return asExpected ? List.of() : List.of("expected is " + gets);
    }

    /** Returns the memory in use once it is about what it was, or will not be. */
    private long clearedUp() {
        long[] live = {0};
        try {
            await().pollInSameThread()
                    .atMost(CLEARING_UP)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(250))
                    .ignoreException(UndeclaredThrowableException.class) // it is too busy to answer
                    .until(() -> (live[0] = jvm.liveBytes()) <= restBytes + KEPT_BYTES);
        } catch (ConditionTimeoutException e) {
            // too much is left, which the report says
        }
        return live[0];
    }

    @Override
    public void close() throws IOException {
        bystander.close();
        jvm.close();
    }
}
