package dev.tutti.simulation;

import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A simulation: its tasks, its clock, its random numbers. Confined to one thread. */
final class World implements Executor, TimeSource {
    private static final long START_MILLIS = 1_800_000_000_000L;

    /** Histories of a simulation in each suite. */
    private static final int HISTORIES = Integer.getInteger("tutti.simulation.histories", 10_000);

    private static final @Nullable Long SEED = Long.getLong("tutti.simulation.seed");

    /** Kept in a field, so that its level stays: refusals and failed writes are part of every history. */
    private static final Logger LOG = Logger.getLogger("dev.tutti");

    private final Random random;
    private final List<Runnable> tasks = new ArrayList<>();
    private long nanos;

    private World(long seed) {
        random = new Random(seed);
    }

    /** Runs a history for each seed; the first that fails is reported with its seed. */
    static void simulate(Consumer<World> history) {
        simulate(history, 1);
    }

    /** Runs only one of so many histories, because each of them takes long. */
    static void simulate(Consumer<World> history, int part) {
        if (SEED != null) {
            history.accept(new World(SEED));
            return;
        }
        Level level = LOG.getLevel();
        LOG.setLevel(Level.OFF);
        try {
            simulateAll(history, HISTORIES / part);
        } finally {
            LOG.setLevel(level);
        }
    }

    private static void simulateAll(Consumer<World> history, int histories) {
        for (long seed = 1; seed <= histories; seed++) {
            try {
                history.accept(new World(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dtutti.simulation.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    static Limits limits(Map<String, String> given) {
        return Settings.read(Limits.class, given::get);
    }

    /** Tasks run in any order, as on a pool with many threads, but one at a time. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Runs one of the waiting tasks; false if there is none. */
    boolean runOne() {
        if (tasks.isEmpty()) {
            return false;
        }
        tasks.remove(random.nextInt(tasks.size())).run();
        return true;
    }

    /** Runs tasks until none waits. */
    void runAll() {
        while (runOne()) {}
    }

    /** Drops all tasks, as the death of the process does. */
    void dropTasks() {
        tasks.clear();
    }

    /** Returns a number from 0 to before {@code bound}. */
    int number(int bound) {
        return random.nextInt(bound);
    }

    /** Returns true with a probability of {@code percent}. */
    boolean happens(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    void passMillis(long millis) {
        nanos += millis * 1_000_000;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long millis() {
        return START_MILLIS + nanos / 1_000_000;
    }
}
