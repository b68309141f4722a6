package dev.tutti.document;

/** Runs a task later, on any thread. Safe for any thread. */
@FunctionalInterface
public interface Timer {
    /** Runs a task once, in {@code delayNanos}; the task returns soon. */
    void schedule(Runnable task, long delayNanos);
}
