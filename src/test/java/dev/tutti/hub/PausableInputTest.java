package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PausableInputTest {
    private final FakePeer.World world = new FakePeer.World(Map.of("max-message-burst", "20"));
    private final FakePeer peer = world.connect(PlainProtocol.INSTANCE, "Ann");
    private final Map<String, CompletableFuture<Void>> pauses = new HashMap<>();
    private final List<String> read = new ArrayList<>();
    private int permits = 1;
    /** The message that is being read has its permit. */
    private boolean isPermitted;

    private final PausableInput<String> input = new PausableInput<>(peer.client(), 100, new Recording());

    /** Reads a message unless a test pauses it. */
    private final class Recording implements PausableInput.Reader<String> {
        @Override
        public @Nullable CompletionStage<?> read(String message) {
            isPermitted = isPermitted || permits == 0 || input.countMessage(message.length()) == null;
            CompletableFuture<Void> pause = pauses.get(message);
            if (pause != null && !pause.isDone()) {
                return pause;
            }
            read.add(isPermitted ? message : message + " refused");
            isPermitted = false;
            return null;
        }

        @Override
        public int bytesOf(String message) {
            return message.length();
        }

        @Override
        public int countsOf(String message) {
            return permits;
        }
    }

    private void pause(String... messages) {
        for (String message : messages) {
            pauses.put(message, new CompletableFuture<>());
        }
    }

    private void resume(String message) {
        pauses.getOrDefault(message, new CompletableFuture<>()).complete(null);
        run();
    }

    private void run() {
        peer.take();
    }

    private void receive(String... messages) {
        for (String message : messages) {
            input.receive(message);
        }
        run();
    }

    private long waitingBytes() {
        return world.hub().budget().usedBytes(Budget.Share.INPUT);
    }

    @Test
    void messagesAreReadAtOnce() {
        input.receive("a");
        input.receive("b");

        assertThat(read).containsExactly("a", "b");
    }

    @Test
    void pausedMessageIsReadAgainAndLaterOnesWaitInOrder() {
        pause("b", "d");
        receive("a", "b", "c", "d", "e");
        assertThat(read).containsExactly("a");
        resume("b");
        assertThat(read).containsExactly("a", "b", "c");
        receive("f");
        resume("d");
        receive("g");

        assertThat(read).containsExactly("a", "b", "c", "d", "e", "f", "g");
        assertThat(waitingBytes()).isZero();
    }

    @Test
    void stageThatFailsResumesToo() {
        CompletableFuture<Void> failing = new CompletableFuture<>();
        pauses.put("a", failing);
        receive("a", "b");
        failing.completeExceptionally(new IllegalStateException("provoked"));
        run();

        assertThat(read).containsExactly("a", "b");
    }

    @Test
    void openingComesBeforeAllMessages() {
        CompletableFuture<Void> unknown = new CompletableFuture<>();
        input.open(() -> {
            if (!unknown.isDone()) {
                return unknown;
            }
            read.add("opened");
            return null;
        });
        receive("a");
        assertThat(read).isEmpty();
        unknown.complete(null);
        run();

        assertThat(read).containsExactly("opened", "a");
    }

    @Test
    void waitingMessageCountsAtItsArrival() {
        pause("a");
        receive("a");
        for (int i = 0; i < 25; i++) {
            input.receive("b");
        }
        resume("a");

        assertThat(read).hasSize(26).endsWith("b refused");
        assertThat(read.subList(0, 19)).doesNotContain("b refused", "a refused");
    }

    @Test
    void tooManyBytesCloseTheClient() {
        pause("a");
        receive("a", "b".repeat(99));
        assertThat(peer.closeCode()).isNull();
        assertThat(waitingBytes()).isEqualTo(100);
        receive("c");

        assertThat(peer.closeCode()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(peer.closeReason()).isEqualTo(LimitBreach.WAITING_INPUT.reason());
        assertThat(waitingBytes()).isZero();
    }

    @Test
    void oneLongMessageMayWait() {
        String text = "a".repeat(101);
        pause(text);
        receive(text);
        assertThat(peer.closeCode()).isNull();
        resume(text);

        assertThat(read).containsExactly(text);
    }

    @Test
    void tooManyMessagesCloseTheClient() {
        permits = 0;
        PausableInput<String> unlimited = new PausableInput<>(peer.client(), 0, new Recording());
        pause("a");
        unlimited.receive("a");
        for (int i = 1; i < PausableInput.MAX_MESSAGES; i++) {
            unlimited.receive("b");
        }
        assertThat(peer.closeCode()).isNull();
        unlimited.receive("b");

        assertThat(peer.closeCode()).isEqualTo(CloseCode.TRY_LATER);
    }

    @Test
    void endOfTheClientDropsWhatWaits() {
        pause("a");
        receive("a", "b");
        peer.client().disconnected();
        assertThat(waitingBytes()).isZero();
        receive("c");
        resume("a");
        receive("d");

        assertThat(read).containsExactly("d"); // readers look themselves whether the client has ended
        assertThat(waitingBytes()).isZero();
    }

    @Test
    void pauseAfterTheEndHoldsNothing() {
        pause("a");
        peer.client().disconnected();
        receive("a", "b");

        assertThat(waitingBytes()).isZero();
        resume("a");
        assertThat(waitingBytes()).isZero();
    }

    @Test
    void failureOfAReaderClosesTheClient() {
        CompletableFuture<Void> unknown = new CompletableFuture<>();
        input.open(() -> {
            if (unknown.isDone()) {
                throw new IllegalStateException("provoked");
            }
            return unknown;
        });
        unknown.complete(null);
        run();

        assertThat(peer.closeCode()).isEqualTo(CloseCode.INTERNAL);
    }

    /** Pauses at random messages, and is resumed from other threads while the next messages arrive. */
    private static final class Racing implements PausableInput.Reader<Integer> {
        private static final int MESSAGES = 20_000;

        private final ScheduledExecutorService timer;
        private final Semaphore mayWait = new Semaphore(PausableInput.MAX_MESSAGES / 2);
        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicInteger readers = new AtomicInteger();
        private final AtomicInteger faults = new AtomicInteger();
        // Confined to the reading thread: the test fails if the input does not pass them on.
        private final Random random = new Random(7);
        private int next;
        private int pausedAt = -1;
        private int pauses;

        Racing(ScheduledExecutorService timer) {
            this.timer = timer;
        }

        @Override
        public @Nullable CompletionStage<?> read(Integer message) {
            if (readers.incrementAndGet() != 1 || message != next) {
                faults.incrementAndGet();
            }
            CompletableFuture<Void> pause = null;
            if (pausedAt != message && random.nextInt(20) == 0) {
                pausedAt = message;
                pauses++;
                pause = new CompletableFuture<>();
                resumeLater(pause);
            } else {
                next++;
            }
            boolean isLast = next == MESSAGES;
            readers.decrementAndGet();
            if (pause == null) {
                mayWait.release();
            }
            if (isLast) {
                done.countDown();
            }
            return pause;
        }

        /** At once, soon, or after the caller has gone on. */
        private void resumeLater(CompletableFuture<Void> pause) {
            int micros = random.nextInt(60);
            if (micros == 0) {
                pause.complete(null);
            } else {
                var unused = timer.schedule(() -> pause.complete(null), micros, TimeUnit.MICROSECONDS);
            }
        }

        @Override
        public int bytesOf(Integer message) {
            return 1;
        }

        @Override
        public int countsOf(Integer message) {
            return 0;
        }
    }

    @Test
    void orderHoldsWhileOtherThreadsResume() throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
        try {
            Hub hub = new Hub(TestLimits.defaults(), "h", threads, 1, TimeSource.SYSTEM);
            Client client = hub.connect(
                    new FakeTransport(FakeTransport.Mode.INSIDE, 1),
                    TestProtocol.PUBLICATIONS,
                    "",
                    Access.unrestricted(""));
            Racing racing = new Racing(threads);
            PausableInput<Integer> racingInput = new PausableInput<>(client, 0, racing);
            for (int i = 0; i < Racing.MESSAGES; i++) {
                assertThat(racing.mayWait.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
                racingInput.receive(i);
            }
            assertThat(racing.done.await(20, TimeUnit.SECONDS)).isTrue();

            assertThat(racing.faults).hasValue(0);
            assertThat(racing.pauses).isGreaterThan(100);
            assertThat(client.hasEnded()).isFalse();
            await().untilAsserted(() ->
                    assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isZero());
        } finally {
            threads.shutdownNow();
        }
    }
}
