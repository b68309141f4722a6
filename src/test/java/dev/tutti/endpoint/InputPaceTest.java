package dev.tutti.endpoint;

import static dev.tutti.endpoint.InputPace.BURST_BYTES;
import static dev.tutti.endpoint.InputPace.BYTES_PER_SECOND;
import static dev.tutti.endpoint.InputPace.MAX_WAITING;
import static dev.tutti.endpoint.InputPace.MAX_WAITING_PER_ADDRESS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.hub.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** One thread plays all: those that wait come back into the pace while the one before sleeps. */
class InputPaceTest {
    private static final String ANN = "192.0.2.1";
    private static final int PART = 8192;

    private long now = 17;
    private LongConsumer whileAsleep = nanos -> now += nanos;
    private final InputPace pace = new InputPace(
            1,
            new TimeSource() {
                @Override
                public long nanos() {
                    return now;
                }

                @Override
                public long millis() {
                    return 0;
                }
            },
            nanos -> whileAsleep.accept(nanos));

    @Test
    void burstPassesAndTheRestIsPaced() {
        long begin = now;
        for (int sent = 0; sent < BURST_BYTES; sent += PART) {
            assertThat(pace.await(ANN, PART)).isTrue();
        }
        assertThat(now).isEqualTo(begin);

        for (int sent = 0; sent < BYTES_PER_SECOND; sent += PART) {
            assertThat(pace.await(ANN, PART)).isTrue();
        }
        assertThat(now - begin).isCloseTo(SECONDS.toNanos(1), within(SECONDS.toNanos(1) / 100));
    }

    @Test
    void onlyFewThreadsOfAnAddressWait() {
        useUpTheBurst();

        assertThat(answersWhileAsleep(List.of(ANN)))
                .hasSize(MAX_WAITING_PER_ADDRESS + 1)
                .containsOnlyOnce(false);
        assertThat(pace.await(ANN, PART)).as("after all have left").isTrue();
    }

    @Test
    void onlyFewThreadsOfAllAddressesWait() {
        useUpTheBurst();

        List<String> addresses = List.of("192.0.2.1", "192.0.2.2", "192.0.2.3");
        assertThat(answersWhileAsleep(addresses)).hasSize(MAX_WAITING + 1).containsOnlyOnce(false);
    }

    @Test
    void refusedBytesAreNotCounted() {
        useUpTheBurst();
        long[] asleep = {0};
        whileAsleep = nanos -> asleep[0] = nanos;
        pace.await(ANN, 0);
        long before = asleep[0];
        assertThat(pace.tryNow(PART)).isFalse();

        pace.await(ANN, 0);
        assertThat(asleep[0]).isEqualTo(before);
    }

    @Test
    void nothingWaitsOnTheStandaloneServer() {
        useUpTheBurst();
        long before = now;

        assertThat(pace.await("", PART)).isTrue();
        pace.pause("");
        assertThat(now).isEqualTo(before);
        pace.pause(ANN);
        assertThat(now).isGreaterThan(before);
    }

    private void useUpTheBurst() {
        assertThat(pace.await(ANN, 2 * BURST_BYTES)).isTrue();
        assertThat(pace.tryNow(PART)).isFalse();
    }

    /** Brings one part after the other, of the addresses in turn, each while those before sleep, until one is refused. */
    private List<Boolean> answersWhileAsleep(List<String> addresses) {
        List<Boolean> answers = new ArrayList<>();
        int[] next = {0};
        whileAsleep = nanos -> answers.add(pace.await(addresses.get(next[0]++ % addresses.size()), PART));
        answers.add(pace.await(addresses.get(next[0]++ % addresses.size()), PART));
        return answers;
    }
}
