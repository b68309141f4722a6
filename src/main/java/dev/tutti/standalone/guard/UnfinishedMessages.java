package dev.tutti.standalone.guard;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.LimitBreach;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The unfinished messages of all connections, and which of them go when memory is short. Safe for any thread. */
final class UnfinishedMessages {
    private record Weighed(UnfinishedMessage message, double weight) {}

    private final Set<UnfinishedMessage> open = ConcurrentHashMap.newKeySet();
    private final Budget budget;
    private final Deadlines deadlines;
    private final LongSupplier nanoTime;

    UnfinishedMessages(Budget budget, Deadlines deadlines, LongSupplier nanoTime) {
        this.budget = budget;
        this.deadlines = deadlines;
        this.nanoTime = nanoTime;
    }

    /** Makes the unfinished message of a connection; see {@link UnfinishedMessage}. */
    UnfinishedMessage of(String address, Consumer<LimitBreach> refuse) {
        return new UnfinishedMessage(this, budget.quota(address), refuse);
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** A message has begun. */
    void add(UnfinishedMessage message) {
        open.add(message);
        deadlines.add(message);
    }

    /** A message is complete, or given up. */
    void remove(UnfinishedMessage message) {
        open.remove(message);
        deadlines.remove(message);
    }

    /** Reserves bytes for a message; if memory is short, the messages go that hold more of it for longer. */
    boolean tryReserve(UnfinishedMessage message, long bytes) {
        if (budget.isUnderPressure(Share.INPUT)) {
            evictWorseThan(message);
        }
        return message.reserve(bytes);
    }

    private void evictWorseThan(UnfinishedMessage message) {
        long now = nanoTime.getAsLong();
        double weight = message.weight(now);
        List<Weighed> worse = open.stream()
                .map(other -> new Weighed(other, other.weight(now)))
                .filter(other -> other.weight() > weight)
                .sorted(Comparator.comparingDouble(Weighed::weight).reversed())
                .toList();
        for (Weighed other : worse) {
            if (!budget.isUnderPressure(Share.INPUT)) {
                return;
            }
            other.message().evict(LimitBreach.MEMORY);
        }
    }
}
