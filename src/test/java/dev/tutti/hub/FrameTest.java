package dev.tutti.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** How messages share frames. */
class FrameTest {
    @Provide
    Arbitrary<List<String>> messages() {
        return Arbitraries.strings()
                .withChars("a\"é€")
                .withChars('\r', '\u2028')
                .ofMaxLength(30)
                .list()
                .ofMaxSize(40);
    }

    @Property
    void joinedMessagesAreTheLinesOfTheFrames(
            @ForAll("messages") List<String> messages, @ForAll @IntRange(min = 1, max = 200) int maxBytes) {
        List<Frame> joined = Frame.joinLines(messages.stream().map(Frame::text).toList(), maxBytes);

        assertThat(joined.stream().map(Frame::text).collect(Collectors.joining("\n")))
                .isEqualTo(String.join("\n", messages));
        assertThat(joined).allSatisfy(frame -> {
            assertThat(frame.isText()).isTrue();
            assertThat(frame.payload()).isEqualTo(frame.text().getBytes(UTF_8));
            assertThat(frame.payload().length <= maxBytes || frame.text().indexOf('\n') < 0)
                    .isTrue();
        });
    }

    @Property
    void joinedFramesAreAsFewAsPossible(
            @ForAll("messages") List<String> messages, @ForAll @IntRange(min = 1, max = 200) int maxBytes) {
        List<Frame> joined = Frame.joinLines(messages.stream().map(Frame::text).toList(), maxBytes);

        assertThat(IntStream.range(1, joined.size())).allSatisfy(i -> {
            String next = joined.get(i).text().split("\n", -1)[0];
            assertThat(joined.get(i - 1).payload().length + 1 + next.getBytes(UTF_8).length)
                    .isGreaterThan(maxBytes);
        });
    }

    @Test
    void singleMessageIsNotCopied() {
        Frame alone = Frame.text("alone");

        assertThat(Frame.joinLines(List.of(alone), 100)).singleElement().isSameAs(alone);
    }
}
