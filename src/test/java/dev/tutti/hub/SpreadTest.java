package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 5", "7, 3", "2000, 5", "50000, 3600", "50000, 1", "3, 0"})
    void distancesAreEqual(int clients, long seconds) {
        Spread spread = new Spread(clients, seconds * SECOND);
        long part = seconds * SECOND / clients;

        LongStream distances =
                IntStream.range(1, clients).mapToLong(i -> spread.afterNanos(i) - spread.afterNanos(i - 1));

        assertThat(distances.boxed()).allMatch(distance -> distance == part);
        assertThat(spread.afterNanos(0)).isEqualTo(part / 2);
        assertThat(spread.afterNanos(clients - 1)).isBetween(seconds * SECOND - part - clients, seconds * SECOND);
    }

    @Test
    void uncountedClientsLeaveLast() {
        assertThat(new Spread(2, SECOND).afterNanos(2)).isEqualTo(SECOND);
        assertThat(new Spread(0, SECOND).afterNanos(0)).isEqualTo(SECOND);
    }
}
