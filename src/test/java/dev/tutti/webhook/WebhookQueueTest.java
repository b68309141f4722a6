package dev.tutti.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WebhookQueueTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<WebhookMessage> expired = new ArrayList<>();
    private long nowNanos = -SECOND;
    private long nowMillis = 1_800_000_000_000L;
    private final WebhookQueue queue = new WebhookQueue(100_000, () -> 0.5, expired::add, nowNanos);
    private long sequence;

    private WebhookMessage add(String subject) {
        WebhookMessage message = new WebhookMessage(++sequence, "m" + sequence, subject, nowMillis, new byte[10]);
        queue.add(message);
        return message;
    }

    private @Nullable WebhookMessage next() {
        return queue.next(nowNanos, nowMillis);
    }

    private void pass(long nanos) {
        nowNanos += nanos;
        nowMillis += nanos / 1_000_000;
    }

    @Test
    void messagesOfOneSubjectAreSentOneAtATime() {
        WebhookMessage first = add("a");
        WebhookMessage second = add("a");
        WebhookMessage other = add("b");

        assertThat(next()).isSameAs(first);
        assertThat(next()).isSameAs(other);
        assertThat(next()).isNull();
        assertThat(queue.delivered(first)).isTrue();
        assertThat(next()).isSameAs(second);
    }

    @Test
    void failedMessageIsFirstAgainAfterAPause() {
        WebhookMessage first = add("a");
        WebhookMessage second = add("a");
        assertThat(next()).isSameAs(first);
        queue.failed(first, false, 0, nowNanos);
        assertThat(next()).isNull();

        pass(WebhookQueue.FIRST_PAUSE_NANOS);
        assertThat(next()).isSameAs(first);
        queue.failed(first, false, 0, nowNanos);
        pass(WebhookQueue.FIRST_PAUSE_NANOS);
        assertThat(next()).isNull();
        pass(WebhookQueue.FIRST_PAUSE_NANOS);
        assertThat(next()).isSameAs(first);
        queue.delivered(first);
        assertThat(next()).isSameAs(second);
    }

    @Test
    void pausesGrowToFiveMinutes() {
        WebhookMessage only = add("a");
        for (int i = 0; i < 100; i++) {
            assertThat(next()).isSameAs(only);
            queue.failed(only, true, 0, nowNanos);
            pass(WebhookQueue.MAX_PAUSE_NANOS);
        }
        assertThat(next()).isSameAs(only);
    }

    @Test
    void failingMessageDoesNotDelayOtherSubjects() {
        WebhookMessage bad = add("a");
        for (int i = 0; i < 20; i++) {
            assertThat(next()).isSameAs(bad);
            queue.failed(bad, false, 0, nowNanos);
            WebhookMessage good = add("b");
            assertThat(next()).isSameAs(good);
            queue.delivered(good);
            pass(WebhookQueue.MAX_PAUSE_NANOS);
        }
    }

    @Test
    void unreachableReceiverGetsOneAttemptAtATime() {
        for (int i = 0; i < 50; i++) {
            add("room " + i);
        }
        List<WebhookMessage> first = new ArrayList<>();
        for (WebhookMessage message = next(); message != null; message = next()) {
            first.add(message);
        }
        assertThat(first).hasSize(WebhookQueue.AT_ONCE);
        first.forEach(message -> queue.failed(message, true, 0, nowNanos));
        assertThat(next()).isNull();

        int attempts = 0;
        for (int second = 0; second < 3_600; second++) {
            pass(SECOND);
            WebhookMessage message = next();
            if (message != null) {
                attempts++;
                assertThat(next()).isNull();
                queue.failed(message, true, 0, nowNanos);
            }
        }
        assertThat(attempts).isBetween(10, 25);
    }

    @Test
    void receiverThatRefusesEverySubjectIsLeftAlone() {
        for (int i = 0; i < 50; i++) {
            add("room " + i);
        }
        int attempts = 0;
        for (WebhookMessage message = next(); message != null; message = next()) {
            queue.failed(message, false, 0, nowNanos);
            attempts++;
        }
        assertThat(attempts).isEqualTo(8);
    }

    @Test
    void wishOfTheReceiverIsRespected() {
        WebhookMessage only = add("a");
        assertThat(next()).isSameAs(only);
        queue.failed(only, true, 60 * SECOND, nowNanos);
        pass(59 * SECOND);
        assertThat(next()).isNull();
        pass(SECOND);
        assertThat(next()).isSameAs(only);
    }

    @Test
    void messagesExpireAfterADay() {
        WebhookMessage old = add("a");
        pass(WebhookQueue.MAX_AGE_MILLIS * 1_000_000 - SECOND);
        WebhookMessage young = add("a");
        assertThat(next()).isSameAs(old);
        queue.failed(old, true, 0, nowNanos);
        pass(2 * SECOND);

        assertThat(next()).isSameAs(young);
        assertThat(expired).containsExactly(old);
        queue.delivered(young);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void bytesAreBounded() {
        int added = 0;
        while (queue.hasRoom(new WebhookMessage(0, "", "", 0, new byte[10]).bytes())) {
            add("a");
            added++;
        }
        assertThat(added).isEqualTo(100_000 / new WebhookMessage(0, "", "", 0, new byte[10]).bytes());
    }

    @Test
    void clearedQueueIgnoresLateResults() {
        WebhookMessage message = add("a");
        assertThat(next()).isSameAs(message);
        queue.clear();

        assertThat(queue.delivered(message)).isFalse();
        queue.failed(message, false, 0, nowNanos);
        assertThat(queue.bytes()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    /** Random failures, for many subjects: all is delivered, and each subject's messages in their order. */
    @Test
    void orderHoldsUnderRandomFailures() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        WebhookQueue many = new WebhookQueue(Long.MAX_VALUE, random::nextDouble, expired::add, nowNanos);
        for (int i = 0; i < 2_000; i++) {
            many.add(new WebhookMessage(++sequence, "", "room " + random.nextInt(20), nowMillis, new byte[0]));
        }
        Map<String, Long> last = new HashMap<>();
        List<WebhookMessage> inFlight = new ArrayList<>();
        while (!many.isEmpty()) {
            WebhookMessage next = many.next(nowNanos, nowMillis);
            if (next != null) {
                inFlight.add(next);
            }
            if (inFlight.isEmpty()) {
                pass(SECOND);
            } else if (next == null || random.nextBoolean()) {
                WebhookMessage ended = inFlight.remove(random.nextInt(inFlight.size()));
                if (random.nextInt(4) == 0) {
                    many.failed(ended, random.nextBoolean(), 0, nowNanos);
                } else {
                    many.delivered(ended);
                    Long before = last.put(ended.subject(), ended.sequence());
                    assertThat(before == null || before < ended.sequence())
                            .as("order, seed " + seed)
                            .isTrue();
                }
            }
        }
        assertThat(expired).as("expired, seed " + seed).isEmpty();
    }
}
