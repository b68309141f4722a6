package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Mailbox.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private final FakeExecutor executor = new FakeExecutor();
    private final FakeTime time = new FakeTime();
    private final Budget budget = new Budget(100_000);
    private final List<String> handled = new ArrayList<>();
    private int runs;
    private boolean full;

    /** The bytes of an event are its length; some fail, some take long. */
    private final Mailbox.Owner<String> owner = new Mailbox.Owner<>() {
        @Override
        public int bytesOf(String event) {
            return event.startsWith("free") ? 0 : event.length();
        }

        @Override
        public void handle(String event) {
            handled.add(event);
            switch (event) {
                case "fails" -> throw new IllegalStateException("on purpose");
                case "errs" -> throw new AssertionError("on purpose");
                case "slow" -> time.passNanos(Mailbox.MAX_RUN_NANOS);
                default -> {}
            }
        }

        @Override
        public boolean isRunFull() {
            return full;
        }

        @Override
        public void endRun() {
            runs++;
        }

        @Override
        public void runEnded(long runNanos, long latencyNanos) {
            times.add(runNanos + " " + latencyNanos);
        }
    };

    private final List<String> times = new ArrayList<>();
    private final Mailbox<String> mailbox = mailbox(100);

    private Mailbox<String> mailbox(long maxBytes) {
        return new Mailbox<>("a test", owner, executor, time, budget, maxBytes);
    }

    private void post(String event) {
        if (mailbox.offer(event) == Offer.WAKE) {
            mailbox.schedule();
        }
    }

    @Test
    void oneRunHandlesAllThatWaits() {
        post("a");
        post("b");
        assertThat(executor.waiting()).isOne();
        executor.runAll();

        assertThat(handled).containsExactly("a", "b");
        assertThat(runs).isOne();
    }

    @Test
    void fullRunEndsAndGoesOnBehindOthers() {
        full = true;
        post("a");
        post("b");
        executor.runOne();

        assertThat(handled).containsExactly("a");
        assertThat(executor.waiting()).isOne();
        executor.runAll();
        assertThat(handled).containsExactly("a", "b");
        assertThat(runs).isEqualTo(2);
    }

    @Test
    void runIsTimedFromItsBeginAndFromItsEarliestEvent() {
        post("a");
        time.passNanos(3);
        post("b");
        time.passNanos(4);
        post("slow");
        post("c");
        executor.runAll();

        long run = Mailbox.MAX_RUN_NANOS;
        assertThat(times).containsExactly(run + " " + (run + 7), "0 " + (run + 7));
    }

    @Test
    void runWithoutEventsHasNoLatency() {
        time.passNanos(9);
        mailbox.schedule();
        executor.runAll();

        assertThat(times).containsExactly("0 0");
    }

    @Test
    void failedEventDoesNotAffectOthers() {
        post("fails");
        post("errs");
        post("b");
        executor.runAll();
        post("c");
        executor.runAll();

        assertThat(handled).containsExactly("fails", "errs", "b", "c");
        assertThat(runs).isEqualTo(2);
    }

    @Test
    void failedEndOfRunLeavesTheMailboxUsable() {
        List<String> seen = new ArrayList<>();
        Mailbox<String> failing = new Mailbox<>(
                "a test",
                new Mailbox.Owner<String>() {
                    @Override
                    public int bytesOf(String event) {
                        return 0;
                    }

                    @Override
                    public void handle(String event) {
                        seen.add(event);
                    }

                    @Override
                    public void endRun() {
                        throw new StackOverflowError("on purpose");
                    }
                },
                executor,
                time,
                budget,
                0);
        for (String event : List.of("a", "b")) {
            assertThat(failing.offer(event)).isEqualTo(Offer.WAKE);
            failing.schedule();
            executor.runAll();
        }
        assertThat(seen).containsExactly("a", "b");
    }

    @Test
    void longRunEndsAndGoesOnLater() {
        post("slow");
        post("b");
        executor.runOne();
        assertThat(handled).containsExactly("slow");
        assertThat(runs).isOne();

        post("c");
        executor.runAll();
        assertThat(handled).containsExactly("slow", "b", "c");
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void bytesAreBoundedAndFreeEventsAreNot() {
        assertThat(mailbox.offer("x".repeat(60))).isEqualTo(Offer.WAKE);
        assertThat(mailbox.offer("x".repeat(41))).isEqualTo(Offer.REFUSED);
        assertThat(mailbox.offer("x".repeat(40))).isEqualTo(Offer.QUEUED);
        assertThat(mailbox.offer("free")).isEqualTo(Offer.QUEUED);
        assertThat(mailbox.hasRoom(1)).isFalse();
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isEqualTo(100);

        mailbox.run();
        assertThat(mailbox.hasRoom(100)).isTrue();
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void allMailboxesShareTheInputBudget() {
        Mailbox<String> large = mailbox(0);
        assertThat(large.offer("x".repeat(24_990))).isEqualTo(Offer.WAKE); // the share and its reserve
        assertThat(mailbox.offer("x".repeat(11))).isEqualTo(Offer.REFUSED);
        assertThat(mailbox.offer("x".repeat(10))).isEqualTo(Offer.WAKE);
        large.run();
        assertThat(mailbox.offer("x".repeat(11))).isEqualTo(Offer.QUEUED);
    }

    @Test
    void pausedMailboxWaitsForSchedule() {
        mailbox.pause();
        assertThat(mailbox.offer("a")).isEqualTo(Offer.QUEUED);
        assertThat(executor.waiting()).isZero();
        mailbox.schedule();
        executor.runAll();
        assertThat(handled).containsExactly("a");
    }

    @Test
    void closedMailboxReturnsItsEventsAndTakesNoMore() {
        post("a");
        assertThat(mailbox.close()).containsExactly("a");
        assertThat(mailbox.offer("b")).isEqualTo(Offer.REFUSED);
        executor.runAll();
        assertThat(handled).isEmpty();
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Test
    void eventsOfManyThreadsAreHandledOnceInOrder() throws InterruptedException {
        int threads = 4;
        int each = 20_000;
        ExecutorService pool = Executors.newFixedThreadPool(2);
        List<int[]> seen = new ArrayList<>();
        Mailbox<int[]> busy = new Mailbox<>(
                "a test",
                new Mailbox.Owner<>() {
                    @Override
                    public int bytesOf(int[] event) {
                        return 0;
                    }

                    @Override
                    public void handle(int[] event) {
                        seen.add(event);
                    }
                },
                pool,
                TimeSource.SYSTEM,
                budget,
                0);
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int sender = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    if (busy.offer(new int[] {sender, i}) == Offer.WAKE) {
                        busy.schedule();
                    }
                }
            });
            senders.add(thread);
            thread.start();
        }
        for (Thread sender : senders) {
            sender.join();
        }
        org.awaitility.Awaitility.await().until(() -> busy.offer(new int[] {threads, 0}) == Offer.WAKE);
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();

        int[] next = new int[threads + 1];
        for (int[] event : seen) {
            if (event[0] < threads) {
                assertThat(event[1]).isEqualTo(next[event[0]]++);
            }
        }
        assertThat(next).startsWith(each, each, each, each);
    }
}
