package dev.tutti.store.queue;

import java.util.function.LongSupplier;

/**
 * Where a store takes the time from. As safe for threads as its suppliers are.
 *
 * @param millis returns milliseconds since 1970, which may jump: for the times of documents
 * @param nanos returns nanoseconds from any origin, which never go back: for durations
 */
public record StoreClock(LongSupplier millis, LongSupplier nanos) {
    /** The clock of the system. */
    public static final StoreClock SYSTEM = new StoreClock(System::currentTimeMillis, System::nanoTime);
}
