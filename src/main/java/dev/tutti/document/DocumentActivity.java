package dev.tutti.document;

import dev.tutti.rate.GrowthRate;
import java.util.concurrent.atomic.AtomicLong;

/** How large and how busy a live document is, for those who administer the server. Written by the run and the clock; safe for any thread. */
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
