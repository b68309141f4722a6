package dev.tutti.settings;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MicroProfileConfigTest {
    private static final String NAME = "mp.jwt.verify.clock.skew";

    private static MicroProfileConfig config(
            Map<String, String> system, Map<String, String> environment, Map<String, String> file) {
        Properties properties = new Properties();
        properties.putAll(file);
        return new MicroProfileConfig(system::get, environment, properties);
    }

    @Test
    void systemPropertiesWinThenTheEnvironmentThenTheFile() {
        Map<String, String> system = Map.of(NAME, "1");
        Map<String, String> environment = Map.of("MP_JWT_VERIFY_CLOCK_SKEW", "2");
        Map<String, String> file = Map.of(NAME, "3");

        assertThat(config(system, environment, file).get(NAME)).isEqualTo("1");
        assertThat(config(Map.of(), environment, file).get(NAME)).isEqualTo("2");
        assertThat(config(Map.of(), Map.of(), file).get(NAME)).isEqualTo("3");
        assertThat(config(Map.of(), Map.of(), Map.of()).get(NAME)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {NAME, "mp_jwt_verify_clock_skew", "MP_JWT_VERIFY_CLOCK_SKEW"})
    void variableHasOneOfThreeNames(String variable) {
        assertThat(config(Map.of(), Map.of(variable, "2"), Map.of()).get(NAME)).isEqualTo("2");
    }

    @Test
    void emptyValueHidesTheOthersAndSetsNothing() {
        assertThat(config(Map.of(NAME, ""), Map.of(), Map.of(NAME, "3")).get(NAME))
                .isNull();
    }

    @Test
    void fileIsFoundByTheClassLoaderOfTheThread() {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try {
            Thread.currentThread().setContextClassLoader(new ClassLoader(before) {
                @Override
                public InputStream getResourceAsStream(String name) {
                    return name.equals(MicroProfileConfig.FILE)
                            ? new ByteArrayInputStream("tutti.test.property=7".getBytes(ISO_8859_1))
                            : super.getResourceAsStream(name);
                }
            });
            assertThat(MicroProfileConfig.current().get("tutti.test.property")).isEqualTo("7");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
