package dev.tutti.store.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
    private static final int MAX_BYTES = 10_000;

    /** Commits when the test releases a permit. */
    private static final class Gate implements WriteOnlyBackend {
        final Semaphore permits = new Semaphore(0);
        final List<Integer> groups = new CopyOnWriteArrayList<>();
        final AtomicInteger maintenances = new AtomicInteger();
        volatile boolean fails;
        volatile boolean closed;

        @Override
        public void commit(List<Change> changes) {
            groups.add(changes.size());
            permits.acquireUninterruptibly();
            if (fails) {
                throw new StoreException("injected");
            }
        }

        @Override
        public long maintain() {
            maintenances.incrementAndGet();
            return UNTIL_NEXT_COMMIT;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Gate gate = new Gate();
    private final GroupCommit writer = new GroupCommit(gate, System::nanoTime, MAX_BYTES);

    @AfterEach
    void close() {
        gate.permits.release(1_000);
        writer.close();
        assertThat(gate.closed).isTrue();
    }

    private CompletableFuture<Change> add(int bytes) {
        return writer.add(Change.append("a", new byte[bytes]));
    }

    @Test
    void changesDuringACommitFormTheNextGroup() {
        CompletableFuture<Change> first = add(1);
        Awaitility.await().until(() -> gate.groups.size() == 1);
        List<CompletableFuture<Change>> others = List.of(add(1), add(1), add(1));
        assertThat(first).isNotDone();
        gate.permits.release();
        Awaitility.await().until(first::isDone);
        assertThat(others).noneMatch(CompletableFuture::isDone);
        gate.permits.release();
        Awaitility.await().until(() -> others.stream().allMatch(CompletableFuture::isDone));
        assertThat(gate.groups).containsExactly(1, 3);
    }

    @Test
    void changeBeyondTheByteLimitFailsAtOnce() {
        assertThat(add(1)).isNotDone();
        Awaitility.await().until(() -> gate.groups.size() == 1);
        assertThat(add(MAX_BYTES / 2)).isNotDone();
        assertThat(add(MAX_BYTES / 2)).isCompletedExceptionally();
        gate.permits.release(2);
        Awaitility.await().until(() -> !add(MAX_BYTES / 2).isCompletedExceptionally());
    }

    @Test
    void groupFailsAsAWholeAndTheNextIsTried() {
        gate.fails = true;
        gate.permits.release();
        assertThatThrownBy(() -> add(1).join()).hasCauseInstanceOf(StoreException.class);
        gate.fails = false;
        gate.permits.release();
        assertThat(add(1).join().existed()).isFalse();
    }

    @Test
    void commitsAndFailuresAreCounted() {
        List<String> counted = new CopyOnWriteArrayList<>();
        writer.setMetrics(new DocumentMetrics() {
            @Override
            public void committed(int changes, long nanos) {
                counted.add(changes + (nanos >= 0 ? "" : " before the start"));
            }

            @Override
            public void commitFailed() {
                counted.add("failed");
            }
        });
        CompletableFuture<Change> first = add(1);
        Awaitility.await().until(() -> gate.groups.size() == 1);
        assertThat(writer.waitingBytes())
                .isEqualTo(Change.append("a", new byte[1]).bytes());
        CompletableFuture<Change> second = add(1);
        CompletableFuture<Change> last = add(1);
        gate.permits.release(2);
        first.join();
        second.join();
        last.join();
        gate.fails = true;
        gate.permits.release();
        assertThatThrownBy(() -> add(1).join()).hasCauseInstanceOf(StoreException.class);

        assertThat(counted).containsExactly("1", "2", "failed");
        assertThat(writer.waitingBytes()).isZero();
    }

    @Test
    void maintenanceWithNothingToDoWaitsForACommit() {
        gate.permits.release(20);
        for (int i = 0; i < 20; i++) {
            add(1).join();
        }
        assertThat(gate.maintenances).hasValueLessThanOrEqualTo(21);
    }
}
