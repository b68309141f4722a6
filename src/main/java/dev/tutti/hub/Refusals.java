package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.atomic.LongAdder;

/** How often each limit was reached, since the start. Safe for any thread, but for {@link #log}, which is the clock's. */
public final class Refusals {
    private static final Logger LOG = System.getLogger(Refusals.class.getName());
    private static final long LOG_NANOS = 60_000_000_000L;

    private final Map<Refusal, LongAdder> counts = new EnumMap<>(Refusal.class);

    // Confined to the clock.
    private final Map<Refusal, Long> logged = new EnumMap<>(Refusal.class);
    private long lastLogNanos;
    private boolean everLogged;

    Refusals() {
        for (Refusal refusal : Refusal.values()) {
            counts.put(refusal, new LongAdder());
            logged.put(refusal, 0L);
        }
    }

    /** Counts a client that went over a limit; it is the caller's to tell or close it. */
    public void count(Refusal refusal) {
        adder(refusal).increment();
    }

    /** Returns how often a limit was reached. */
    public long total(Refusal refusal) {
        return adder(refusal).sum();
    }

    /** Says what was refused since the last time: one line, at most one a minute, none if nothing was. */
    void log(long nowNanos) {
        if (everLogged && nowNanos - lastLogNanos < LOG_NANOS) {
            return;
        }
        StringJoiner news = new StringJoiner(", ");
        counts.forEach((refusal, count) -> {
            long sum = count.sum();
            long before = logged.getOrDefault(refusal, 0L);
            if (sum != before) {
                news.add((sum - before) + " × " + refusal.reason());
                logged.put(refusal, sum);
            }
        });
        if (news.length() > 0) {
            LOG.log(Level.WARNING, "clients went over a limit: {0}", news);
            lastLogNanos = nowNanos;
            everLogged = true;
        }
    }

    private LongAdder adder(Refusal refusal) {
        LongAdder adder = counts.get(refusal);
        if (adder == null) {
            throw new AssertionError("every refusal has its counter");
        }
        return adder;
    }
}
