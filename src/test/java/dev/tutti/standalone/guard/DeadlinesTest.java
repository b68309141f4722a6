package dev.tutti.standalone.guard;

import static org.awaitility.Awaitility.await;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    @Test
    void failingExpiryStopsNoOther() {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try {
            Deadlines deadlines = new Deadlines(clock, System::nanoTime);
            AtomicInteger failed = new AtomicInteger();
            AtomicInteger expired = new AtomicInteger();
            deadlines.add(over(() -> {
                failed.incrementAndGet();
                throw new IllegalStateException("on purpose");
            }));
            await().until(() -> failed.get() == 1);

            deadlines.add(over(expired::incrementAndGet));

            await().until(() -> expired.get() == 1);
        } finally {
            clock.shutdownNow();
        }
    }

    private static Deadlines.Timed over(Runnable expire) {
        long past = System.nanoTime();
        return new Deadlines.Timed() {
            @Override
            public long deadlineNanos() {
                return past;
            }

            @Override
            public void expire() {
                expire.run();
            }
        };
    }
}
