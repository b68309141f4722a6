package dev.tutti.hub;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Makes the factory of a hub's logs. */
@FunctionalInterface
public interface RoomLogs {
    /** Logs in the memory of the hub. */
    RoomLogs IN_MEMORY = context -> context::inMemory;

    /** Returns the factory for a new hub. */
    RoomLog.Factory in(Context context);

    /** Returns whether logs are there after a restart of this server. */
    default boolean outliveTheServer() {
        return false;
    }

    /**
     * The parts of a hub that its logs use. Immutable.
     *
     * @param executor runs the steps of a log outside the monitor of its room; does not run a task inside {@code execute}
     * @param epochs returns an epoch that no other log has, also before a restart
     */
    record Context(Limits limits, Budget budget, Executor executor, TimeSource time, Supplier<String> epochs) {
        /** Returns an empty log in memory. */
        public RoomLog inMemory(String room, RoomLog.Subscriber subscriber) {
            return new MemoryLog(epochs.get(), limits.history().of(room), memory(), subscriber);
        }

        /** Returns the memory that all logs together may use. */
        public HistoryMemory memory() {
            return new HistoryMemory(budget, maxHistoryBytes(limits, budget));
        }

        static long maxHistoryBytes(Limits limits, Budget budget) {
            long share = budget.limitBytes(Budget.Share.HISTORY);
            return limits.maxHistoryBytes() == 0 ? share : Math.min(share, limits.maxHistoryBytes());
        }
    }
}
