package dev.tutti.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.RoomUsage;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START_MILLIS = 1_800_000_000_000L;

    /** A clock may start anywhere. */
    private long nanos = Long.MAX_VALUE - SECOND;

    private final long startNanos = nanos;
    private long publications;
    private final Queue<Runnable> visits = new ArrayDeque<>();

    private final TimeSource time = new TimeSource() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return START_MILLIS + (nanos - startNanos) / 1_000_000;
        }
    };

    private final Hub hub =
            new Hub(Settings.read(Limits.class, name -> null), "h", Runnable::run, 1, TimeSource.SYSTEM);
    private final Documents documents = new Documents(
            hub.limits(), hub.budget(), new MemoryStore(), Runnable::run, TimeSource.SYSTEM, (task, delay) -> {});
    private final Statistics statistics = new Statistics(hub, documents, this::totals, visits::add, time);

    private Totals totals() {
        return new Totals(List.of(), List.of(), 0, 0, publications, 0, 0, 0, new Totals.Store("memory", 0, 0, 0), null);
    }

    private void passSeconds(double seconds) {
        nanos += (long) (seconds * SECOND);
        statistics.tick();
    }

    private List<Long> uptimes() {
        return statistics.samplesAfter(-1).stream().map(Sample::uptimeMillis).toList();
    }

    @Test
    void sampleIsTakenEveryFewSeconds() {
        for (int i = 0; i < 24; i++) {
            publications++;
            passSeconds(0.5);
        }

        assertThat(uptimes()).containsExactly(0L, 5_000L, 10_000L);
        assertThat(statistics.samplesAfter(0).stream().map(Sample::publications))
                .containsExactly(10L, 20L);
        assertThat(statistics.samplesAfter(10_000)).isEmpty();
        assertThat(statistics.startMillis()).isEqualTo(START_MILLIS);
        assertThat(statistics.uptimeMillis()).isEqualTo(12_000);
    }

    @Test
    void samplesOfAQuarterOfAnHourAreKept() {
        for (int i = 0; i < 1_000; i++) {
            passSeconds(Statistics.SAMPLE_SECONDS);
        }

        long last = 1_000 * 5_000L;
        assertThat(uptimes())
                .containsExactlyElementsOf(LongStream.rangeClosed(0, 180)
                        .mapToObj(i -> last - 900_000 + i * 5_000)
                        .toList());
    }

    @Test
    void allWhoAskShareOneVisit() {
        CompletionStage<Ranking> first = statistics.ranking();
        assertThat(statistics.ranking()).as("under way").isSameAs(first);
        assertThat(visits).hasSize(1);
        visits.remove().run();

        passSeconds(1.9);
        assertThat(statistics.ranking()).as("fresh").isSameAs(first);
        passSeconds(0.1);
        assertThat(statistics.ranking()).as("old").isNotSameAs(first);
        assertThat(visits).hasSize(1);
    }

    @Test
    void largestRoomsOfManyAreListed() {
        for (int room = 0; room < 1_000; room++) {
            for (int i = 0; i <= room % 100; i++) {
                var unused = hub.publish("room-" + room, "1", null);
            }
        }
        CompletionStage<Ranking> ranking = statistics.ranking();
        visits.remove().run();

        List<RoomUsage> rooms = ranking.toCompletableFuture().join().largestRooms();
        assertThat(rooms).hasSize(Statistics.LISTED);
        assertThat(rooms.get(0)).isEqualTo(new RoomUsage("room-199", 0, 100, 100, 0));
        assertThat(rooms.subList(0, 10)).allMatch(room -> room.retained() == 100);
        assertThat(rooms.subList(10, 20)).allMatch(room -> room.retained() == 99);
    }
}
