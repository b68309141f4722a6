package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.LongAdder;

/** How often each limit was reached, since the start. Safe for any thread, but for {@link #log}, which is the clock's. */
public final class LimitBreaches {
    private static final Logger LOG = System.getLogger(LimitBreaches.class.getName());
    private static final long LOG_NANOS = 60_000_000_000L;

    private final Map<LimitBreach, LongAdder> counts = new EnumMap<>(LimitBreach.class);

    // Confined to the clock.
    private final Map<LimitBreach, Long> logged = new EnumMap<>(LimitBreach.class);
    private long lastLogNanos;
    private boolean everLogged;

    LimitBreaches() {
        for (LimitBreach breach : LimitBreach.values()) {
            counts.put(breach, new LongAdder());
            logged.put(breach, 0L);
        }
    }

    /** Counts a client that went over a limit; it is the caller's to tell or close it. */
    public void count(LimitBreach breach) {
        adder(breach).increment();
    }

    /** Returns how often a limit was reached. */
    public long total(LimitBreach breach) {
        return adder(breach).sum();
    }

    /** Says what was refused since the last time: one line, at most one a minute, none if nothing was. */
    void log(long nowNanos) {
        if (everLogged && nowNanos - lastLogNanos < LOG_NANOS) {
            return;
        }
        StringJoiner news = new StringJoiner(", ");
        counts.forEach((breach, count) -> {
            long sum = count.sum();
            long before = logged.getOrDefault(breach, 0L);
            if (sum != before) {
                news.add((sum - before) + " × " + breach.reason());
                logged.put(breach, sum);
            }
        });
        if (news.length() > 0) {
            LOG.log(Level.WARNING, "clients went over a limit: {0}", news);
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
