package dev.tutti.yjs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.yjs.lib0.Lib0Reader;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ClockRangesTest {
    @Property
    void rangesEqualASetOfClocks(
            @ForAll @Size(max = 40) List<@IntRange(max = 100) Integer> froms, @ForAll @IntRange(max = 12) int longest) {
        ClockRanges ranges = new ClockRanges();
        BitSet clocks = new BitSet();
        for (int i = 0; i < froms.size(); i++) {
            int to = froms.get(i) + i * 7 % (longest + 1);
            ranges.add(froms.get(i), to);
            clocks.set(froms.get(i), to);
        }
        ranges.normalize();

        BitSet read = new BitSet();
        for (int i = 0; i < ranges.size(); i++) {
            assertThat(ranges.from(i)).isLessThan(ranges.to(i));
            assertThat(i == 0 || ranges.to(i - 1) < ranges.from(i))
                    .as("a gap before each")
                    .isTrue();
            read.set(ranges.from(i), ranges.to(i));
        }
        assertThat(read).isEqualTo(clocks);
        for (int clock = 0; clock < 120; clock++) {
            assertThat(ranges.contains(clock)).isEqualTo(clocks.get(clock));
            int to = clock + 3;
            assertThat(ranges.covers(clock, to)).isEqualTo(clocks.nextClearBit(clock) >= to);
            int next = ranges.firstEndingAfter(clock);
            int expected = clocks.nextSetBit(clock);
            assertThat(next == ranges.size()).isEqualTo(expected < 0);
            if (expected >= 0) {
                assertThat(Math.max(clock, ranges.from(next))).isEqualTo(expected);
            }
        }
    }

    @Test
    void rangesReachTheLargestClock() {
        ClockRanges ranges = new ClockRanges();
        ranges.add(5, Lib0Reader.MAX_CLOCK);
        ranges.add(0, 6);
        ranges.normalize();

        assertThat(ranges.size()).isEqualTo(1);
        assertThat(ranges.covers(0, Lib0Reader.MAX_CLOCK)).isTrue();
    }
}
