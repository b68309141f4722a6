package dev.tutti.hub;

/** Delays tasks. Safe for any thread. */
@FunctionalInterface
public interface Timer {
    /** Runs a short task once after {@code delayNanos}, on any thread. */
    void schedule(Runnable task, long delayNanos);
}
