package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Members NO_MEMBERS = new Members(0, List.of());

    private static Publication publication(long offset, int dataBytes) {
        return new Publication(offset, 0, null, "x".repeat(dataBytes));
    }

    private static History with(HistoryRule rule, int publications) {
        History history = new History("e", rule);
        for (int i = 0; i < publications; i++) {
            history.add(publication(history.next(), 10), null, 0);
        }
        return history;
    }

    private static List<Long> offsets(List<Publication> publications) {
        return publications.stream().map(Publication::offset).toList();
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void latestPublicationsAreRetained() {
        JoinResult joined = with(new HistoryRule(3, 10_000, 60), 10).joined(new Position("e", 7), NO_MEMBERS);

        assertThat(joined.recovered()).isTrue();
        assertThat(offsets(joined.messages())).containsExactly(8L, 9L, 10L);
        assertThat(joined.earliest()).isEqualTo(8);
        assertThat(joined.position()).isEqualTo(new Position("e", 10));
    }

    @Test
    void gapBeyondTheHistoryIsNotRecovered() {
        JoinResult joined = with(new HistoryRule(3, 10_000, 60), 10).joined(new Position("e", 6), NO_MEMBERS);

        assertThat(joined.recovered()).isFalse();
        assertThat(joined.messages()).isEmpty();
        assertThat(joined.earliest()).isEqualTo(8);
    }

    @Test
    void offsetOfAnotherEpochIsNotRecovered() {
        History history = with(new HistoryRule(3, 10_000, 60), 3);

        assertThat(history.joined(new Position("d", 3), NO_MEMBERS).recovered()).isFalse();
        assertThat(history.since(new Position("d", 3), 9).recovered()).isFalse();
        assertThat(history.before(new Position("d", 3), 9).recovered()).isFalse();
    }

    @Test
    void futureOffsetIsNotRecovered() {
        assertThat(with(new HistoryRule(3, 10_000, 60), 3)
                        .joined(new Position("e", 4), NO_MEMBERS)
                        .recovered())
                .isFalse();
    }

    @Test
    void upToDateClientRecoversWithoutAHistory() {
        History history = with(HistoryRule.NONE, 5);

        assertThat(history.joined(new Position("e", 5), NO_MEMBERS).recovered()).isTrue();
        assertThat(history.joined(new Position("e", 4), NO_MEMBERS).recovered()).isFalse();
        assertThat(history.joined(new Position("e", 4), NO_MEMBERS).earliest()).isEqualTo(6);
    }

    @Test
    void bytesIncludeOverhead() {
        History history = new History("e", new HistoryRule(100, 500, 60));
        assertThat(history.add(publication(1, 100), null, 0)).isEqualTo(228);
        assertThat(history.add(publication(2, 100), null, 0)).isEqualTo(228);
        assertThat(history.add(publication(3, 100), null, 0)).isZero(); // one more, one less

        assertThat(offsets(history.latest(9).messages())).containsExactly(2L, 3L);
        assertThat(history.clear()).isEqualTo(-456);
    }

    @Test
    void publicationOverTheLimitIsNotRetained() {
        History history = new History("e", new HistoryRule(100, 500, 60));
        history.add(publication(1, 100), null, 0);

        assertThat(history.add(publication(2, 1_000), "key", 0)).isEqualTo(-228);
        assertThat(history.isEmpty()).isTrue();
        assertThat(history.find("key", 0)).isNull();
        assertThat(history.position().offset()).isEqualTo(2);
    }

    @Test
    void oldPublicationsAreDropped() {
        History history = new History("e", new HistoryRule(100, 10_000, 60));
        history.add(publication(1, 10), "first", 0);
        history.add(publication(2, 10), "second", 30 * SECOND);

        assertThat(history.find("first", 59 * SECOND)).isNotNull();
        assertThat(history.find("first", 60 * SECOND)).isNull(); // before a trim
        assertThat(history.trim(60 * SECOND)).isEqualTo(-138 - 64 - 2 * "first".length());
        assertThat(offsets(history.latest(9).messages())).containsExactly(2L);
        assertThat(history.trim(90 * SECOND)).isEqualTo(-138 - 64 - 2 * "second".length());
        assertThat(history.isEmpty()).isTrue();
        history.add(publication(3, 10), "first", 90 * SECOND);
        assertThat(history.find("first", 91 * SECOND).offset()).isEqualTo(3);
    }

    @Property
    void pagesInBothDirectionsReturnEachPublicationOnce(
            @ForAll @IntRange(max = 60) int publications,
            @ForAll @IntRange(min = 1, max = 20) int held,
            @ForAll @IntRange(min = 1, max = 7) int max) {
        History history = with(new HistoryRule(held, 1_000_000, 60), publications);
        List<Long> all = range(Math.max(1, publications - held + 1), publications);

        List<Long> forwards = new ArrayList<>();
        HistoryPage page = history.since(new Position("e", all.isEmpty() ? 0 : all.get(0) - 1), max);
        while (true) {
            assertThat(page.recovered()).isTrue();
            assertThat(page.messages()).hasSizeLessThanOrEqualTo(max);
            forwards.addAll(offsets(page.messages()));
            if (!page.more()) {
                break;
            }
            page = history.since(new Position("e", forwards.get(forwards.size() - 1)), max);
        }
        assertThat(forwards).isEqualTo(all);

        List<Long> backwards = new ArrayList<>();
        page = history.latest(max);
        while (true) {
            assertThat(page.recovered()).isTrue();
            backwards.addAll(0, offsets(page.messages()));
            if (!page.more()) {
                break;
            }
            page = history.before(new Position("e", backwards.get(0)), max);
        }
        assertThat(backwards).isEqualTo(all);
    }

    @Test
    void pageAfterAGapBeginsWithTheEarliest() {
        History history = with(new HistoryRule(3, 10_000, 60), 10);

        HistoryPage page = history.since(new Position("e", 2), 2);
        assertThat(page.recovered()).isFalse();
        assertThat(offsets(page.messages())).containsExactly(8L, 9L);
        assertThat(page.more()).isTrue();
        assertThat(history.before(new Position("e", 7), 2).recovered()).isFalse();
        assertThat(history.before(new Position("e", 8), 2).recovered())
                .isTrue(); // nothing is before it, and that is certain
        assertThat(history.since(new Position("e", Long.MAX_VALUE), 2).recovered())
                .isFalse();
        assertThat(history.before(new Position("e", Long.MIN_VALUE), 2).recovered())
                .isFalse();
    }

    @Test
    void firstMatchingRuleCounts() {
        HistoryRules rules = HistoryRules.valueOf("cursors:*=0, chat:*:log=7/8/9, *=300/1048576/600");

        assertThat(rules.of("cursors:a")).isEqualTo(HistoryRule.NONE);
        assertThat(rules.of("chat:a.b:log")).isEqualTo(new HistoryRule(7, 8, 9));
        assertThat(rules.of("chat:a")).isEqualTo(new HistoryRule(300, 1 << 20, 600));
        assertThat(rules.of(Hub.BROADCAST_ROOM)).isEqualTo(HistoryRule.NONE);
        assertThat(HistoryRules.valueOf("a=1/2/3").of("b")).isEqualTo(HistoryRule.NONE);
        assertThat(HistoryRules.valueOf("a.c=1/2/3").of("abc")).isEqualTo(HistoryRule.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "*", "*=1", "*=1/2", "*=a/b/c", "*=1/2/3/4", "*=-1/2/3", "a b=0", "*=0,", "*=12345678/1/1"})
    void malformedRuleIsNamed(String text) {
        assertThatThrownBy(() -> HistoryRules.valueOf(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not pattern=count/bytes/seconds");
    }
}
