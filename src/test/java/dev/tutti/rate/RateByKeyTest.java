package dev.tutti.rate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateByKeyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = -5 * SECOND;

    private final RateByKey rates = new RateByKey(2, START);

    private void add(String key, int count, long nowNanos) {
        for (int i = 0; i < count; i++) {
            rates.add(key, 1, nowNanos);
        }
    }

    @Test
    void keyHasABurstThenItsAverage() {
        add("a", 3, START);
        assertThat(rates.isExceeded("a", START)).isFalse();
        add("a", 1, START);

        assertThat(rates.isExceeded("a", START)).isTrue();
        assertThat(rates.isExceeded("b", START)).isFalse();
        assertThat(rates.isExceeded("a", START + 1)).isFalse();
        add("a", 1, START + SECOND / 2);
        assertThat(rates.isExceeded("a", START + SECOND / 2)).isTrue();
    }

    @Test
    void partOfAnItemCountsLess() {
        for (int i = 0; i < 39; i++) {
            rates.add("a", 0.1, START);
        }
        assertThat(rates.isExceeded("a", START)).isFalse();
        rates.add("a", 0.1, START);
        assertThat(rates.isExceeded("a", START)).isTrue();
    }

    @Test
    void emptyBucketsAreForgotten() {
        add("a", 1, START);
        add("b", 2, START);
        rates.forgetIdle(START + SECOND / 2);
        assertThat(rates.keys()).isEqualTo(1);
        rates.forgetIdle(START + SECOND);
        assertThat(rates.keys()).isZero();
    }

    @Test
    void keysAreBoundedAndTheOthersShareOneRate() {
        for (int i = 0; i < RateByKey.MAX_KEYS; i++) {
            rates.add("key " + i, 1, START);
        }
        add("one more", 10, START);
        add("another", 10, START);

        assertThat(rates.keys()).isEqualTo(RateByKey.MAX_KEYS);
        assertThat(rates.isExceeded("a third", START)).isTrue();
        assertThat(rates.isExceeded("key 1", START)).isFalse();
    }
}
