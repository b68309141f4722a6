package dev.tutti.rate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GrowthRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final GrowthRate rate = new GrowthRate(-3 * SECOND);

    @Test
    void rateIsOfTheLastWholeInterval() {
        rate.tick(100, 0);
        assertThat(rate.perMinute()).as("too early").isZero();

        rate.tick(100, 2 * SECOND);
        assertThat(rate.perMinute()).isEqualTo(100 * 60 / 5);

        rate.tick(200, 12 * SECOND);
        assertThat(rate.perMinute()).isEqualTo(100 * 60 / 10);

        rate.tick(200, 18 * SECOND);
        assertThat(rate.perMinute()).isZero();
    }
}
