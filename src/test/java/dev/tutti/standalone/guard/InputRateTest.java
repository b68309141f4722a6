package dev.tutti.standalone.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InputRateTest {
    private static final long SECOND = 1_000_000_000L;
    /** A megabyte a second: a byte takes a microsecond. */
    private static final int RATE = 1_000_000;

    private static final int BURST = (int) (InputRate.BURST_NANOS / 1_000);

    private final InputRate rate = new InputRate(RATE, 0);

    @Test
    void burstPassesWithoutPause() {
        assertThat(rate.add(BURST, 0)).isZero();
        assertThat(rate.add(1_000, 0)).as("too short for a timer").isZero();
        assertThat(rate.add(9_000, 0)).isEqualTo(10_000_000);
    }

    @Test
    void senderAtLimitNeverPauses() {
        for (long millis = 0; millis < 10_000; millis++) {
            assertThat(rate.add(1_000, millis * 1_000_000)).isZero();
        }
    }

    @Test
    void fastSenderGetsTheLimit() {
        long nanos = 0;
        for (int i = 0; i < 1_000; i++) {
            nanos += rate.add(16_384, nanos);
        }
        assertThat(1_000L * 16_384 * SECOND / nanos).isBetween(RATE * 99L / 100, RATE * 102L / 100);
    }

    @Test
    void connectionsOverLimitTakeTurns() {
        assertThat(rate.add(BURST + 10_000, 0)).isEqualTo(10_000_000);
        assertThat(rate.add(10_000, 0)).isEqualTo(20_000_000);
        assertThat(rate.add(10_000, 5_000_000)).isEqualTo(25_000_000);
    }

    @Test
    void silenceSavesNoMoreThanABurst() {
        assertThat(rate.add(BURST + 10_000, 100 * SECOND)).isEqualTo(10_000_000);
    }

    @Test
    void pauseIsBounded() {
        assertThat(rate.add(10 * RATE, 0)).isEqualTo(InputRate.MAX_PAUSE_NANOS);
    }
}
