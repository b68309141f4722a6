package dev.tutti.document;

import dev.tutti.rate.GrowthRate;
import java.util.concurrent.atomic.AtomicLong;

/** Size and change rate of a live document, for administrators. The run and the clock write it; safe for any thread. */
final class DocumentActivity {
    private volatile long memoryBytes;
    private final AtomicLong changes = new AtomicLong();
    private final GrowthRate rate;

    DocumentActivity(long nowNanos) {
        rate = new GrowthRate(nowNanos);
    }

    void setMemoryBytes(long bytes) {
        memoryBytes = bytes;
    }

    void changed() {
        changes.incrementAndGet();
    }

    void tick(long nowNanos) {
        rate.tick(changes.get(), nowNanos);
    }

    Documents.Open usage(String name, int clients) {
        return new Documents.Open(name, clients, memoryBytes, rate.perMinute());
    }
}
