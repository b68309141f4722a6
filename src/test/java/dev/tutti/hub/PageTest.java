package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Page.Part;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PageTest {
    private static Page<String> page(int max, List<Part<String>> parts) {
        return Page.of(parts, false, Function.identity(), max);
    }

    private static Part<String> whole(String... items) {
        return new Part<>(List.of(items), false);
    }

    private static Part<String> cut(String... items) {
        return new Part<>(List.of(items), true);
    }

    @Test
    void itemsOfAllServersComeInOneOrderAndOnce() {
        assertThat(page(10, List.of(whole("b", "d"), whole(), whole("a", "b", "c"))))
                .isEqualTo(new Page<>(List.of("a", "b", "c", "d"), false, 3, false));
    }

    @Test
    void moreItemsThanThePageHoldsAreAnnounced() {
        assertThat(page(2, List.of(whole("b", "d"), whole("a"))))
                .isEqualTo(new Page<>(List.of("a", "b"), true, 2, false));
        assertThat(page(3, List.of(whole("b", "d"), whole("a"))).hasMore()).isFalse();
    }

    @Test
    void pageEndsWhereAServerMayHaveMore() {
        assertThat(page(10, List.of(whole("a", "d", "e"), cut("b", "c"), cut("c", "d"))))
                .isEqualTo(new Page<>(List.of("a", "b", "c"), true, 3, false));
    }

    @Test
    void serverWithoutAnswerMakesThePagePartial() {
        assertThat(Page.of(List.of(whole("a")), true, Function.identity(), 10))
                .isEqualTo(new Page<>(List.of("a"), false, 1, true));
    }
}
