package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OutboxTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong nanos = new AtomicLong();
    private final List<String> ends = new ArrayList<>();
    private final Budget budget = new Budget(1 << 30);

    private Outbox outbox(Transport transport, long maxQueuedBytes) {
        return new Outbox(transport, maxQueuedBytes, budget, new Outbox.Owner() {
            @Override
            public void limitBreached(LimitBreach breach) {
                ends.add(breach.name());
            }

            @Override
            public void sendFailed(Throwable failure) {
                ends.add("broken");
            }
        });
    }

    private static Batch batch(String... texts) {
        return Batch.of(List.of(texts).stream().map(Frame::text).toList());
    }

    private static Batch lines(String... texts) {
        return Batch.ofLines(List.of(texts).stream().map(Frame::text).toList(), 1_000);
    }

    @Test
    void idleOutboxSendsAtOnce() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);

        outbox(transport, 0).offer(batch("a"));

        assertThat(transport.sent()).containsExactly("a");
    }

    @Test
    void oneSendIsInFlightOthersWait() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);

        outbox.offer(batch("a", "b"));
        outbox.offer(batch("c"));

        assertThat(transport.sent()).containsExactly("a");
        assertThat(transport.complete()).isTrue();
        assertThat(transport.sent()).containsExactly("a", "b");
        assertThat(transport.complete()).isTrue();
        assertThat(transport.complete()).isTrue();
        assertThat(transport.sent()).containsExactly("a", "b", "c");
        assertThat(transport.complete()).isFalse();
        assertThat(outbox.isIdle()).isTrue();
    }

    @Test
    void waitingBatchesAreSentTogether() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 100);
        Outbox outbox = outbox(transport, 0);

        outbox.offer(batch("a"));
        outbox.offer(batch("b", "c"));
        outbox.offer(batch("d"));
        transport.complete();

        assertThat(transport.sent()).containsExactly("a", "b", "c", "d");
        assertThat(outbox.waitingBytes()).isZero();
        assertThat(outbox.heldBytes()).isPositive();
        transport.complete();
        assertThat(outbox.isIdle()).isTrue();
        assertThat(outbox.heldBytes()).isZero();
        assertThat(budget.usedBytes(Budget.Share.OUTPUT)).isZero();
    }

    @Test
    void waitingLinesShareAFrame() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);

        outbox.offer(lines("a"));
        outbox.offer(lines("b", "c"));
        outbox.offer(lines("d"));
        while (transport.complete()) {}

        assertThat(transport.sent()).containsExactly("a", "b\nc\nd");
        assertThat(outbox.heldBytes()).isZero();
        assertThat(budget.usedBytes(Budget.Share.OUTPUT)).isZero();
    }

    @Test
    void messageThatSharesNoFrameStaysAlone() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);

        outbox.offer(lines("a"));
        outbox.offer(lines("b"));
        outbox.offer(batch("c"));
        while (transport.complete()) {}

        assertThat(transport.sent()).containsExactly("a", "b", "c");
    }

    @Test
    void sharedFramesHaveABound() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);

        for (int i = 0; i < 9; i++) {
            outbox.offer(Batch.ofLines(List.of(Frame.text("x".repeat(100))), 250));
        }
        while (transport.complete()) {}

        assertThat(transport.sent()).extracting(String::length).containsExactly(100, 201, 201, 201, 201);
    }

    @Test
    void joinedBatchesAreReleasedAtTheEnd() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);
        Outbox other = outbox(new FakeTransport(Mode.LATER, 1), 0);

        for (String text : new String[] {"a", "b", "c"}) {
            Batch shared = batch(text);
            outbox.offer(shared);
            other.offer(shared);
        }
        transport.complete();
        outbox.discard();

        assertThat(outbox.heldBytes()).isZero();
        assertThat(budget.usedBytes(Budget.Share.OUTPUT)).isEqualTo(other.heldBytes());
    }

    @Test
    void joinedBatchesHaveABound() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1_000);
        Outbox outbox = outbox(transport, 0);
        String text = "x".repeat(1_000);

        for (int i = 0; i < 40; i++) {
            outbox.offer(batch(text));
        }
        while (transport.complete()) {}

        assertThat(transport.sent()).hasSize(40);
        assertThat(transport.largestBatchBytes())
                .isBetween(OutboxQueue.MAX_JOINED_BYTES - 1_004, OutboxQueue.MAX_JOINED_BYTES);
    }

    @Test
    void replyIsSentAlone() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 100);
        Outbox outbox = outbox(transport, 0);
        Batch reply = Batch.reply(Frame.text("reply"), 7);

        outbox.offer(batch("a"));
        outbox.reserve(7);
        outbox.offer(reply);
        outbox.offer(batch("b"));
        transport.complete();

        assertThat(transport.sent()).containsExactly("a", "reply");
        transport.complete();
        assertThat(transport.sent()).containsExactly("a", "reply", "b");
        transport.complete();
        assertThat(budget.usedBytes(Budget.Share.OUTPUT)).isZero();
    }

    @Test
    void fullBudgetJoinsNothing() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 100);
        Outbox outbox = outbox(transport, 0);

        outbox.offer(batch("a"));
        outbox.offer(batch("b"));
        outbox.offer(batch("c"));
        budget.reserve(Budget.Share.OUTPUT, budget.limitBytes(Budget.Share.OUTPUT));
        transport.complete();

        assertThat(transport.sent()).containsExactly("a", "b");
    }

    @Test
    void completionsInsideTheCallDoNotRecurse() {
        FakeTransport transport = new FakeTransport(Mode.INSIDE, 1);
        String[] many = IntStream.range(0, 100_000).mapToObj(Integer::toString).toArray(String[]::new);

        outbox(transport, 0).offer(batch(many)); // recursion would overflow the stack

        assertThat(transport.sent()).containsExactly(many);
    }

    @Test
    void clientOverTheLimitIsClosed() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 10);

        outbox.offer(batch("in flight, which does not count"));
        outbox.offer(batch("12345678")); // 10 bytes with the frame's header
        assertThat(outbox.waitingBytes()).isEqualTo(10);
        assertThat(ends).isEmpty();
        outbox.offer(batch(""));

        assertThat(transport.closedWith()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(ends).containsExactly("CLIENT_QUEUE");
        assertThat(outbox.waitingBytes()).isZero();
        transport.complete();
        outbox.offer(batch("late"));
        assertThat(transport.sent()).containsExactly("in flight, which does not count");
        assertThat(ends).hasSize(1);
    }

    @Test
    void lateSendClosesTheClient() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);

        outbox.expire(nanos.get(), 10 * SECOND);
        outbox.offer(batch("a"));
        outbox.expire(nanos.get(), 10 * SECOND);
        nanos.addAndGet(10 * SECOND - 1);
        outbox.expire(nanos.get(), 10 * SECOND);
        assertThat(transport.closedWith()).isNull();
        nanos.incrementAndGet();
        outbox.expire(nanos.get(), 10 * SECOND);

        assertThat(transport.closedWith()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(ends).containsExactly("SEND_TIME");
    }

    @Test
    void progressWithinABatchRestartsTheTimeout() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);

        outbox.offer(batch("a", "b"));
        outbox.expire(nanos.get(), 10 * SECOND);
        nanos.addAndGet(9 * SECOND);
        transport.complete();
        nanos.addAndGet(9 * SECOND);
        outbox.expire(nanos.get(), 10 * SECOND);

        assertThat(transport.closedWith()).isNull();
    }

    @Test
    void failedSendEndsTheOutboxOnce() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);
        outbox.offer(batch("a"));
        outbox.offer(batch("b"));

        transport.breakConnection();
        transport.complete();
        outbox.offer(batch("c"));
        outbox.expire(nanos.get(), 0);

        assertThat(transport.sent()).containsExactly("a");
        assertThat(ends).containsExactly("broken");
    }

    @Test
    void closeFollowsEarlierBatches() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);
        outbox.offer(batch("a"));
        outbox.offer(batch("b"));

        outbox.close(CloseCode.POLICY, "why");
        outbox.offer(batch("late"));
        outbox.close(CloseCode.NORMAL, "late");

        assertThat(transport.closedWith()).isNull();
        transport.complete();
        assertThat(transport.closedWith()).isNull();
        transport.complete();
        assertThat(transport.closedWith()).isEqualTo(CloseCode.POLICY);
        assertThat(transport.sent()).containsExactly("a", "b");
        assertThat(ends).isEmpty();
    }

    @Test
    void idleOutboxClosesAtOnce() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);

        outbox(transport, 0).close(CloseCode.NORMAL, "");

        assertThat(transport.closedWith()).isEqualTo(CloseCode.NORMAL);
    }

    @Test
    void timeoutOvertakesAQueuedClose() {
        FakeTransport transport = new FakeTransport(Mode.LATER, 1);
        Outbox outbox = outbox(transport, 0);
        outbox.offer(batch("a"));
        outbox.close(CloseCode.GOING_AWAY, "");
        outbox.expire(nanos.get(), 10 * SECOND);

        nanos.addAndGet(11 * SECOND);
        outbox.expire(nanos.get(), 10 * SECOND);

        assertThat(transport.closedWith()).isEqualTo(CloseCode.TRY_LATER);
    }

    @Test
    @Timeout(60)
    void batchesOfEachThreadKeepTheirOrder() throws InterruptedException {
        int threads = 8;
        int each = 5_000;
        FakeTransport transport = new FakeTransport(Mode.LATER, 3);
        Outbox outbox = outbox(transport, 0);
        AtomicBoolean producing = new AtomicBoolean(true);
        Thread completer = new Thread(() -> {
            while (transport.complete() || producing.get() || !outbox.isIdle()) {
                Thread.onSpinWait();
            }
        });
        completer.start();
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            new Thread(() -> {
                        for (int i = 0; i < each; i += 2) {
                            outbox.offer(batch(thread + ":" + i, thread + ":" + (i + 1)));
                            if (ThreadLocalRandom.current().nextInt(8) == 0) {
                                Thread.onSpinWait();
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }
        assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
        producing.set(false);
        completer.join();

        List<String> sent = transport.sent();
        assertThat(sent).hasSize(threads * each);
        for (int t = 0; t < threads; t++) {
            String prefix = t + ":";
            assertThat(sent.stream().filter(s -> s.startsWith(prefix)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, each).mapToObj(i -> prefix + i).toList());
        }
    }

    /** For any sizes of batches, frames in a send, and times of completion. */
    @Property
    void batchesAreSentOnceInOrder(
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 5) Integer> batchSizes,
            @ForAll @IntRange(min = 1, max = 6) int framesAtATime,
            @ForAll List<Boolean> completions,
            @ForAll Mode mode) {
        FakeTransport transport = new FakeTransport(mode, framesAtATime);
        Outbox outbox = outbox(transport, 0);
        List<String> offered = new ArrayList<>();
        for (int b = 0; b < batchSizes.size(); b++) {
            String[] texts = new String[batchSizes.get(b)];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = b + "." + i;
                offered.add(texts[i]);
            }
            outbox.offer(batch(texts));
            if (b < completions.size() && completions.get(b)) {
                transport.complete();
            }
        }
        outbox.close(CloseCode.NORMAL, "");
        while (transport.complete()) {}

        assertThat(transport.sent()).isEqualTo(offered);
        assertThat(transport.closedWith()).isEqualTo(CloseCode.NORMAL);
    }
}
