package dev.tutti.security;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Refused peers, counted by reason since the last line in the log. A line names each reason once, with the setting that would let such a peer
 * in. It contains nothing of a token. Safe for any thread; {@link #log} belongs to the clock.
 */
final class Refusals {
    /** A line names no more; peers may invent reasons, such as origins. */
    static final int MAX_REASONS = 10;

    static final long LOG_NANOS = 60_000_000_000L;

    private static final Logger LOG = System.getLogger(Refusals.class.getName());

    // Guarded by this.
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private int others;
    private String lastAddress = "";

    // Confined to the clock.
    private long lastLogNanos;
    private boolean everLogged;

    /** Counts a refused peer. */
    synchronized void count(String reason, String address) {
        if (counts.containsKey(reason) || counts.size() < MAX_REASONS) {
            counts.merge(reason, 1, Integer::sum);
        } else {
            others++;
        }
        lastAddress = address;
    }

    /** Logs the refusals since the last line: the first at once, then at most one line a minute. */
    void log(long nowNanos) {
        if (everLogged && nowNanos - lastLogNanos < LOG_NANOS) {
            return;
        }
        String line = takeLine();
        if (!line.isEmpty()) {
            LOG.log(Level.WARNING, "refused: {0}", line);
            lastLogNanos = nowNanos;
            everLogged = true;
        }
    }

    /** Returns the text of the next line, and forgets the counts; empty if there was no refusal. */
    private synchronized String takeLine() {
        if (counts.isEmpty()) {
            return "";
        }
        StringJoiner line = new StringJoiner("; ");
        counts.forEach((reason, count) -> line.add(count + " × " + reason));
        if (others > 0) {
            line.add(others + " × other reasons");
        }
        if (!lastAddress.isEmpty()) {
            line.add("the last from " + lastAddress);
        }
        counts.clear();
        others = 0;
        return line.toString();
    }
}
