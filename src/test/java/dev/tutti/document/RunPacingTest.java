package dev.tutti.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.TimeSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunPacingTest {
    private static final int MEGABYTE = 1 << 20;

    private final List<Runnable> immediate = new ArrayList<>();
    private final List<Long> delayed = new ArrayList<>();
    private final RunPacing pacing =
            new RunPacing(immediate::add, (run, nanos) -> delayed.add(nanos), new TimeSource() {
                @Override
                public long nanos() {
                    return 0;
                }

                @Override
                public long millis() {
                    return 0;
                }
            });

    @Test
    void smallBroadcastToFewNeedsNoPause() {
        pacing.pauseAfterBroadcast(15, 1_000, 0);
        pacing.execute(() -> {});
        assertThat(immediate).hasSize(1);
        assertThat(pacing.mayRunInline(100)).isTrue();
    }

    @Test
    void broadcastToManyPausesForEachMember() {
        pacing.pauseAfterBroadcast(50, 100, 0);
        pacing.execute(() -> {});
        assertThat(delayed).containsExactly(2_000_000L);
    }

    @Test
    void largeBroadcastPausesForItsBytes() {
        pacing.pauseAfterBroadcast(4, MEGABYTE, 0);
        pacing.execute(() -> {});
        assertThat(delayed).containsExactly(8L * MEGABYTE);
        assertThat(pacing.mayRunInline(100)).isFalse();
    }

    @Test
    void pauseIsImperceptible() {
        pacing.pauseAfterBroadcast(1_000, 4 * MEGABYTE, 0);
        pacing.execute(() -> {});
        assertThat(delayed).containsExactly(25_000_000L);
    }
}
