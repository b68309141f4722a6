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

/** The unfinished messages of all connections. Under memory pressure it evicts the heaviest. Safe for any thread. */
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

    /** Creates the unfinished message of a connection; see {@link UnfinishedMessage}. */
    UnfinishedMessage create(String quotaKey, String user, Consumer<LimitBreach> evicted) {
        return new UnfinishedMessage(this, budget.quota(quotaKey, user), evicted);
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** Adds a message that has begun. */
    void add(UnfinishedMessage message) {
        open.add(message);
        deadlines.add(message);
    }

    /** Removes a message that is complete or evicted. */
    void remove(UnfinishedMessage message) {
        open.remove(message);
        deadlines.remove(message);
    }

    /** Reserves bytes for a message. Under memory pressure it first evicts messages that weigh more than this one. */
    boolean tryReserve(UnfinishedMessage message, long bytes) {
        if (budget.isUnderPressure(Share.INPUT)) {
            evictHeavierThan(message);
        }
        return message.reserve(bytes);
    }

    private void evictHeavierThan(UnfinishedMessage message) {
        long now = nanoTime.getAsLong();
        double weight = message.weight(now);
        List<Weighed> heavier = open.stream()
                .map(other -> new Weighed(other, other.weight(now)))
                .filter(other -> other.weight() > weight)
                .sorted(Comparator.comparingDouble(Weighed::weight).reversed())
                .toList();
        for (Weighed other : heavier) {
            if (!budget.isUnderPressure(Share.INPUT)) {
                return;
            }
            other.message().evict(LimitBreach.MEMORY);
        }
    }
}
