package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    private static Map<String, String> parse(String... args) {
        return CommandLine.parse(args, List.of("port", "host"), List.of("help"));
    }

    @Test
    void noOptionsYieldNoValues() {
        assertThat(parse()).isEmpty();
    }

    @Test
    void valueFollowsSpaceOrEqualsSign() {
        assertThat(parse("--port", "1", "--host=a")).isEqualTo(Map.of("port", "1", "host", "a"));
    }

    @Test
    void valueMayBeEmptyOrStartWithDashes() {
        assertThat(parse("--host=", "--port", "--help")).isEqualTo(Map.of("host", "", "port", "--help"));
        assertThat(parse("--host=a=b")).isEqualTo(Map.of("host", "a=b"));
    }

    @Test
    void lastOfRepeatedOptionsWins() {
        assertThat(parse("--port=1", "--port=2")).isEqualTo(Map.of("port", "2"));
    }

    @Test
    void flagTakesNoValue() {
        assertThat(parse("--help", "--port", "1")).isEqualTo(Map.of("help", "", "port", "1"));
    }

    @Test
    void unknownOptionIsNamed() {
        for (String wrong : List.of("--nonsense", "--nonsense=1", "port", "-port", "--", "", "--help=yes", "--Port")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parse(wrong))
                    .withMessage("unknown option '" + wrong + "'; --help lists all options");
        }
    }

    @Test
    void optionWithoutValueIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("--host", "a", "--port"))
                .withMessage("option --port requires a value");
    }

    @Test
    void optionOverridesEnvironment() {
        var lookup = CommandLine.lookup(
                Map.of("port", "1"), Map.of("TUTTI_PORT", "2", "TUTTI_HOST", "a", "TUTTI_MAX_ROOMS", "3"));
        assertThat(lookup.apply("port")).isEqualTo("1");
        assertThat(lookup.apply("host")).isEqualTo("a");
        assertThat(lookup.apply("max-rooms")).isEqualTo("3");
        assertThat(lookup.apply("origins")).isNull();
    }
}
