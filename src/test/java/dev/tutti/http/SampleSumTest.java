package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.statistics.Sample;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleSumTest {
    /** A server with a hundred clients, which receives messages at an even rate from its start. */
    private static StatisticsJson server(long uptimeMillis, int messagesPerSecond, long... samples) {
        String list = LongStream.of(samples)
                .mapToObj(uptime -> String.format(
                        Locale.ROOT,
                        "{\"uptimeMillis\":%d,\"clients\":%d,\"received\":%d}",
                        uptime,
                        uptime == 0 ? 0 : 100,
                        uptime * messagesPerSecond / 1000))
                .collect(Collectors.joining(","));
        String figures = String.format(
                Locale.ROOT,
                "{\"uptimeMillis\":%d,\"clients\":100,\"received\":%d}",
                uptimeMillis,
                uptimeMillis * messagesPerSecond / 1000);
        return TolerantRecords.read(
                StatisticsJson.class,
                "{\"server\":" + figures + ",\"servers\":[" + figures + "],\"samples\":[" + list + "]}");
    }

    @Test
    void countsOfTheSameAgeAreAdded() {
        StatisticsJson first = server(20_000, 10, 10_000, 15_000, 20_000);
        StatisticsJson earlier = server(100_000, 1_000, 87_000, 92_000, 97_000);
        StatisticsJson later = server(8_000, 100, 0, 5_000);

        List<Sample> samples = SampleSum.of(List.of(first, earlier, later));

        assertThat(samples).extracting(Sample::uptimeMillis).containsExactly(10_000L, 15_000L, 20_000L);
        assertThat(samples)
                .extracting(Sample::received)
                .containsExactly(100L + 90_000 + 0, 150L + 95_000 + 300, 200L + 100_000 + 800);
        assertThat(samples).extracting(Sample::clients).containsExactly(200L, 260L, 300L);
    }

    @Test
    void countsBeforeTheFirstSampleStay() {
        StatisticsJson first = server(20_000, 10, 10_000, 20_000);
        StatisticsJson other = server(100_000, 1_000, 97_000);

        assertThat(SampleSum.of(List.of(first, other)))
                .extracting(Sample::received)
                .containsExactly(100L + 97_000, 200L + 100_000);
    }
}
