package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BlockingWritersTest {
    private static final int WRITERS = 2;

    private final ExecutorService executor = Executors.newFixedThreadPool(WRITERS);

    /** Tasks of the clock, which the test runs; only this thread adds any. */
    private final Queue<Runnable> clock = new ArrayDeque<>();

    private final BlockingWriters writers = new BlockingWriters(executor, WRITERS, (task, nanos) -> clock.add(task));

    private final CountDownLatch peersRead = new CountDownLatch(1);
    private final List<String> written = Collections.synchronizedList(new ArrayList<>());
    private final List<String> evaded = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        peersRead.countDown();
        executor.shutdownNow();
    }

    /** Returns a write to a peer that reads. */
    private BlockingWriters.Write prompt(String name) {
        return write(name, () -> {});
    }

    private BlockingWriters.Write write(String name, Runnable wait) {
        return new BlockingWriters.Write() {
            @Override
            public void block() {
                wait.run();
                written.add(name);
            }

            @Override
            public void evade() {
                evaded.add(name);
            }
        };
    }

    /** Makes every writer wait for a peer that does not read, with some such writes behind. */
    private void stallAllWriters() {
        Set<Thread> stalled = ConcurrentHashMap.newKeySet();
        for (int i = 0; i <= BlockingWriters.WRITES_PER_WRITER * WRITERS; i++) {
            writers.offer(write("stalled", () -> {
                stalled.add(Thread.currentThread());
                awaitQuietly(peersRead);
            }));
        }
        await().until(() -> stalled.stream()
                        .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
                        .count()
                == WRITERS);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("waits too long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void runClock() {
        for (int tasks = clock.size(); tasks > 0; tasks--) {
            clock.remove().run();
        }
    }

    @Test
    void everyWriteIsWritten() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            names.add("" + i);
            assertThat(writers.offer(prompt("" + i))).isTrue();
        }

        await().until(() -> written.size() == names.size());
        assertThat(written).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void offerDoesNotWaitForPeers() {
        stallAllWriters();

        assertThat(writers.offer(prompt("a"))).isTrue();

        assertThat(written).isEmpty();
    }

    @Test
    void waitingWritesAreEvadedWhenAllWritersStall() {
        stallAllWriters();
        writers.offer(prompt("a"));

        runClock();

        assertThat(evaded).contains("a");
        assertThat(written).isEmpty();
    }

    @Test
    void stalledWritersAreSuspendedForAWhile() {
        stallAllWriters();
        runClock();
        assertThat(writers.offer(prompt("a"))).isFalse();
        peersRead.countDown();

        runClock(); // at the end of the suspension
        assertThat(writers.offer(prompt("b"))).isTrue();

        await().until(() -> written.contains("b"));
        assertThat(written).doesNotContain("a");
    }

    @Test
    void stalledPeersOfSomeWritersDelayNobody() {
        CountDownLatch stalled = new CountDownLatch(1);
        writers.offer(write("stalled", () -> {
            stalled.countDown();
            awaitQuietly(peersRead);
        }));
        awaitQuietly(stalled);
        int count = BlockingWriters.WRITES_PER_WRITER + 1; // enough for a second writer
        for (int i = 0; i < count; i++) {
            writers.offer(prompt("" + i));
        }

        await().until(() -> written.size() == count);
        runClock();
        assertThat(evaded).isEmpty();
    }

    @Test
    void writersThatWaitForProcessorAreNotEvaded() {
        AtomicBoolean finish = new AtomicBoolean();
        AtomicInteger busy = new AtomicInteger();
        int count = BlockingWriters.WRITES_PER_WRITER * WRITERS;
        for (int i = 0; i < count; i++) {
            writers.offer(write("busy", () -> {
                busy.incrementAndGet();
                while (!finish.get()) {
                    Thread.onSpinWait();
                }
            }));
        }
        await().until(() -> busy.get() == WRITERS);
        runClock();
        runClock();

        assertThat(evaded).isEmpty();
        finish.set(true);
        await().until(() -> written.size() == count);
    }

    @Test
    void clockIsIdleWithoutWrites() {
        writers.offer(prompt("a"));
        await().until(() -> written.contains("a"));

        runClock();

        assertThat(clock).isEmpty();
    }
}
