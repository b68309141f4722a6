package dev.tutti.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.settings.Settings.InvalidSettingException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    /** Public, because {@link Settings} creates records of other packages. */
    public record Sample(
            @Setting(value = "8", help = "litres", max = 100)
            int volume,

            @Setting(value = "", help = "name") String name,

            @Setting(value = "9000000000", help = "years", min = 1, max = Long.MAX_VALUE)
            long ageOfAll) {}

    private static Sample read(Map<String, String> given) {
        return Settings.read(Sample.class, given::get);
    }

    @Test
    void missingValueIsTheDefault() {
        assertThat(read(Map.of())).isEqualTo(new Sample(8, "", 9_000_000_000L));
    }

    @Test
    void givenValuesAreRead() {
        assertThat(read(Map.of("volume", " 100 ", "name", " a b ", "age-of-all", "1")))
                .isEqualTo(new Sample(100, " a b ", 1));
    }

    @Test
    void invalidValueIsReportedWithTheValidRange() {
        for (String wrong : new String[] {"101", "-1", "", "x", "1.5", "1e2", "0x10", "99999999999999999999"}) {
            assertThatExceptionOfType(InvalidSettingException.class)
                    .isThrownBy(() -> read(Map.of("volume", wrong)))
                    .withMessage("volume: '" + wrong + "' is not a whole number from 0 to 100");
        }
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> read(Map.of("age-of-all", "0")))
                .withMessage("age-of-all: '0' is not a whole number from 1 to 9223372036854775807");
    }

    @Test
    void namesAreInKebabCase() {
        assertThat(Settings.names(Sample.class)).containsExactly("volume", "name", "age-of-all");
        assertThat(Settings.environmentName("age-of-all")).isEqualTo("TUTTI_AGE_OF_ALL");
    }

    @Test
    void helpHasALineForEachSetting() {
        assertThat(Settings.help(Sample.class).lines())
                .containsExactly(
                        "  --volume                           litres [8]",
                        "  --name                             name [none]",
                        "  --age-of-all                       years [9000000000]");
    }
}
