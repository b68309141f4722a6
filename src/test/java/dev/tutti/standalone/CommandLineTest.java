package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    private static final List<String> NAMES = List.of("port", "host", "jwt-secret");
    private static final List<String> FLAGS = List.of("help");

    private static List<String> faults(String... args) {
        return CommandLine.parse(args, NAMES, FLAGS).faults();
    }

    private static Map<String, String> parse(String... args) {
        CommandLine line = CommandLine.parse(args, NAMES, FLAGS);
        assertThat(line.faults()).isEmpty();
        return line.given();
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
        for (String wrong : List.of("--nonsense", "nonsense", "-", "--", "", "-x")) {
            assertThat(faults(wrong)).containsExactly("unknown option '" + wrong + "'; --help lists all options");
        }
    }

    @Test
    void nearOptionIsProposed() {
        assertThat(faults("port")).containsExactly("unknown option 'port': did you mean --port?");
        assertThat(faults("-port")).containsExactly("unknown option '-port': did you mean --port?");
        assertThat(faults("--Port=1")).containsExactly("unknown option '--Port': did you mean --port?");
        assertThat(faults("--hlep")).containsExactly("unknown option '--hlep': did you mean --help?");
    }

    /** It may be a secret whose name is misspelled. */
    @Test
    void valueOfUnknownOptionIsNotShown() {
        String fault = "unknown option '--jwt-secert': did you mean --jwt-secret?";
        assertThat(faults("--jwt-secert=hunter2")).containsExactly(fault);
        assertThat(faults("--jwt-secert", "hunter2")).containsExactly(fault);
        assertThat(faults("--jwt-secert", "--port", "1")).containsExactly(fault);
    }

    @Test
    void flagWithValueIsNamed() {
        assertThat(faults("--help=yes")).containsExactly("option --help takes no value");
    }

    @Test
    void optionWithoutValueIsNamed() {
        assertThat(faults("--host", "a", "--port")).containsExactly("option --port requires a value");
    }

    @Test
    void allFaultsAreReported() {
        assertThat(faults("--nonsense", "--host=a", "--zzz", "--port"))
                .containsExactly(
                        "unknown option '--nonsense'; --help lists all options",
                        "unknown option '--zzz'; --help lists all options",
                        "option --port requires a value");
    }
}
