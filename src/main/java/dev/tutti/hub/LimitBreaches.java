package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.LongAdder;

/** The number of breaches of each limit since the start. Safe for any thread, except {@link #log}, which belongs to the clock. */
public final class LimitBreaches {
    private static final Logger LOG = System.getLogger(LimitBreaches.class.getName());
    private static final long LOG_NANOS = 60_000_000_000L;

    private final Metrics metrics;
    private final Map<LimitBreach, LongAdder> counts = new EnumMap<>(LimitBreach.class);

    // Confined to the clock.
    private final Map<LimitBreach, Long> logged = new EnumMap<>(LimitBreach.class);
    private long lastLogNanos;
    private boolean everLogged;

    /** @param metrics receives each breach, too */
    LimitBreaches(Metrics metrics) {
        this.metrics = metrics;
        for (LimitBreach breach : LimitBreach.values()) {
            counts.put(breach, new LongAdder());
            logged.put(breach, 0L);
        }
    }

    /** Counts a breach. The caller closes the client, or answers it with an error. */
    public void count(LimitBreach breach) {
        adder(breach).increment();
        metrics.limitBreached(breach);
    }

    /** Returns the number of breaches of a limit. */
    public long total(LimitBreach breach) {
        return adder(breach).sum();
    }

    /** Logs the breaches since the last line: at most one line a minute, none without breaches. */
    void log(long nowNanos) {
        if (everLogged && nowNanos - lastLogNanos < LOG_NANOS) {
            return;
        }
        StringJoiner changes = new StringJoiner(", ");
        counts.forEach((breach, count) -> {
            long sum = count.sum();
            long before = logged.getOrDefault(breach, 0L);
            if (sum != before) {
                changes.add((sum - before) + " × " + breach.reason());
                logged.put(breach, sum);
            }
        });
        if (changes.length() > 0) {
            LOG.log(Level.WARNING, "clients went over a limit: {0}", changes);
            lastLogNanos = nowNanos;
            everLogged = true;
        }
    }

    private LongAdder adder(LimitBreach breach) {
        LongAdder adder = counts.get(breach);
        if (adder == null) {
            throw new AssertionError("every breach has its counter");
        }
        return adder;
    }
}
