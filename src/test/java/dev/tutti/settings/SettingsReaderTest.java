package dev.tutti.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    /** Public, because {@link Settings} creates records of other packages. */
    public record Sample(
            @Setting(value = "8", help = "litres", max = 100)
            int volume,

            @Setting(value = "", help = "name") String fullName,

            @Setting(value = "", help = "password", secret = true)
            String password,

            @Setting(value = "", help = "secret number", secret = true)
            Pin pin) {}

    /** Refuses some combination of its values. */
    public record Strict(
            @Setting(value = "false", help = "whether it refuses itself")
            boolean refuses) {
        /** Checks itself. */
        public Strict {
            if (refuses) {
                throw new IllegalArgumentException("refuses: as it was told");
            }
        }
    }

    /** A type whose faults quote the value. */
    public record Pin(String digits) {
        /** Returns a pin. */
        public static Pin valueOf(String text) {
            if (!text.matches("\\d*")) {
                throw new IllegalArgumentException("'" + text + "' has other characters than digits");
            }
            return new Pin(text);
        }
    }

    private static final List<Class<? extends Record>> TYPES =
            List.of(ConfigFile.Options.class, Sample.class, Strict.class);

    @TempDir
    Path folder;

    private static SettingsReader reader(Map<String, String> options, Map<String, String> environment) {
        return new SettingsReader(
                List.of(SettingSource.commandLine(options), SettingSource.environment(environment)), TYPES, List.of());
    }

    private static List<String> faults(SettingsReader reader) {
        InvalidSettingsException e = catchThrowableOfType(InvalidSettingsException.class, reader::check);
        return e == null ? List.of() : e.faults();
    }

    private static Sample sample(SettingsReader reader) {
        assertThat(faults(reader)).isEmpty();
        return Settings.read(Sample.class, reader.lookup());
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    // ---- Sources

    @Test
    void commandLineWinsOverEnvironmentAndFile() throws IOException {
        String config = file("tutti.properties", "volume = 3\nfull-name = file\npassword = file");
        Sample sample = sample(reader(
                Map.of("config", config, "volume", "1"),
                Map.of("TUTTI_VOLUME", "2", "TUTTI_FULL_NAME", "environment")));

        assertThat(sample).isEqualTo(new Sample(1, "environment", "file", new Pin("")));
    }

    @Test
    void missingSettingIsTheDefault() {
        assertThat(sample(reader(Map.of(), Map.of("PATH", "/bin")))).isEqualTo(new Sample(8, "", "", new Pin("")));
    }

    @Test
    void emptyValueOverridesTheNextSource() {
        assertThat(sample(reader(Map.of("full-name", ""), Map.of("TUTTI_FULL_NAME", "environment")))
                        .fullName())
                .isEmpty();
    }

    @Test
    void variableNamesTheFile() throws IOException {
        String config = file("tutti.properties", "# Zoë\nfull-name: Zo\u00eb \\u00e9\n");
        assertThat(sample(reader(Map.of(), Map.of("TUTTI_CONFIG", config))).fullName())
                .isEqualTo("Zoë é");
        assertThat(sample(reader(Map.of("config", ""), Map.of("TUTTI_CONFIG", config)))
                        .fullName())
                .isEmpty();
    }

    @Test
    void contextParametersAreASource() {
        SettingsReader reader = new SettingsReader(
                List.of(
                        SettingSource.contextParameters(
                                Map.of("tutti.volume", "5", "other.volume", "6", "tutti.volum", "7")),
                        SettingSource.sharedEnvironment(Map.of("TUTTI_VOLUME", "4", "TUTTI_FULL_NAM", "x"))),
                TYPES,
                List.of());

        assertThat(reader.lookup().apply("volume")).isEqualTo("5");
        assertThat(faults(reader))
                .containsExactly("unknown context parameter 'tutti.volum': did you mean tutti.volume?");
        assertThat(reader.warnings())
                .containsExactly("unknown variable 'TUTTI_FULL_NAM': did you mean TUTTI_FULL_NAME?");
    }

    /** As in a pod beside a service that is named tutti. */
    @Test
    void variablesOfServicesAreNoSettings() {
        SettingsReader reader = new SettingsReader(
                List.of(SettingSource.environment(Map.of(
                        "TUTTI_PORT", "tcp://10.0.0.1:8000",
                        "TUTTI_SERVICE_HOST", "10.0.0.1",
                        "TUTTI_SERVICE_PORT_HTTP", "8000",
                        "TUTTI_PORT_8000_TCP", "tcp://10.0.0.1:8000",
                        "TUTTI_PORT_8000_TCP_ADDR", "10.0.0.1",
                        "TUTTI_WEB_PORT", "tcp://10.0.0.2:80",
                        "TUTTI_WEB_SERVICE_PORT", "80"))),
                TYPES,
                List.of());

        assertThat(faults(reader)).isEmpty();
    }

    // ---- Faults

    @Test
    void allFaultsAreReportedWithTheirPlaces() throws IOException {
        String config = file("tutti.properties", "volume=x\nvolumes=1\nrefuses=true\nconfig=other");
        SettingsReader reader = new SettingsReader(
                List.of(
                        SettingSource.commandLine(Map.of("config", config)),
                        SettingSource.environment(Map.of("TUTTI_FULLNAME", "a", "TUTTI_XYZ", "b", "TUTTI_PIN", "12a"))),
                TYPES,
                List.of("found before"));
        reader.build(lookup -> {
            throw new IllegalArgumentException("full-name: is missing");
        });

        assertThat(faults(reader))
                .containsExactly(
                        "found before",
                        "unknown variable 'TUTTI_FULLNAME': did you mean TUTTI_FULL_NAME?",
                        "unknown variable 'TUTTI_XYZ'; --help lists all settings",
                        "unknown setting 'config' in " + config + "; --help lists all settings",
                        "unknown setting 'volumes' in " + config + ": did you mean volume?",
                        "volume: 'x' is not a whole number from 0 to 100 (" + config + ")",
                        "pin: '(hidden)' has other characters than digits (TUTTI_PIN)",
                        "refuses: as it was told (" + config + ")",
                        "full-name: is missing");
    }

    @Test
    void partIsBuiltWithTheDefaultOfAFaultySetting() {
        SettingsReader reader = reader(Map.of("volume", "-1"), Map.of());
        List<Integer> seen = new ArrayList<>();
        reader.build(lookup -> seen.add(Settings.read(Sample.class, lookup).volume()));

        assertThat(seen).containsExactly(8);
        assertThat(faults(reader)).containsExactly("volume: '-1' is not a whole number from 0 to 100 (--volume)");
    }

    @Test
    void builtPartIsSupplied() {
        assertThat(reader(Map.of(), Map.of()).build(lookup -> "part").get()).isEqualTo("part");
    }

    @Test
    void unreadableConfigFileIsNamed() throws IOException {
        assertThat(faults(reader(Map.of("config", "/no/such/file"), Map.of())))
                .containsExactly("config: the file /no/such/file cannot be read (--config)");
        assertThat(faults(reader(Map.of("config", folder.toString()), Map.of())))
                .hasSize(1);
        String latin1 = folder.resolve("latin1").toString();
        Files.write(Path.of(latin1), new byte[] {'a', '=', (byte) 0xeb});
        assertThat(faults(reader(Map.of(), Map.of("TUTTI_CONFIG", latin1))))
                .containsExactly("config: the file " + latin1 + " cannot be read (TUTTI_CONFIG)");
        String bad = file("bad", "volume=\\u12");
        assertThat(faults(reader(Map.of("config", bad), Map.of())))
                .singleElement()
                .asString()
                .startsWith("config: " + bad + ": ")
                .endsWith(" (--config)");
    }

    @Test
    void faultsAreSingleLines() throws IOException {
        String config = file("tutti.properties", "volume=1\\n2\n");
        assertThat(faults(reader(Map.of("config", config), Map.of())))
                .singleElement()
                .asString()
                .startsWith("volume: '1\\n2' is not");
    }

    // ---- Secrets

    @Test
    void fileHoldsASecretWithoutItsLineBreak() throws IOException {
        for (String end : new String[] {"", "\n", "\r\n"}) {
            String secret = file("password", "hunter 2 " + end);
            assertThat(sample(reader(Map.of("password-file", secret), Map.of("TUTTI_PASSWORD", "other")))
                            .password())
                    .isEqualTo("hunter 2 ");
            assertThat(sample(reader(Map.of(), Map.of("TUTTI_PASSWORD_FILE", secret)))
                            .password())
                    .isEqualTo("hunter 2 ");
        }
    }

    @Test
    void unusableFileOfASecretIsNamed() throws IOException {
        assertThat(faults(reader(Map.of("password-file", "/no/such/file"), Map.of())))
                .containsExactly("password-file: the file /no/such/file cannot be read (--password-file)");
        String large = file("large", "a".repeat((1 << 16) + 1));
        assertThat(faults(reader(Map.of("password-file", large), Map.of())))
                .containsExactly("password-file: " + large + " is too large for a secret (--password-file)");
    }

    @Test
    void secretAndItsFileExcludeEachOther() throws IOException {
        String secret = file("password", "a");
        assertThat(faults(reader(Map.of("password-file", secret, "password", "b"), Map.of())))
                .containsExactly("password: also given by --password-file; one is enough (--password)");
    }

    @Test
    void onlySecretsHaveFiles() {
        assertThat(faults(reader(Map.of(), Map.of("TUTTI_VOLUME_FILE", "x"))))
                .singleElement()
                .asString()
                .startsWith("unknown variable 'TUTTI_VOLUME_FILE'");
    }

    // ---- Printing

    @Test
    void printShowsValuesAndPlaces() throws IOException {
        String secret = file("password", "hunter2");
        String config = file("tutti.properties", "full-name=a\\nb\npin=1234");
        SettingsReader reader =
                reader(Map.of("config", config, "password-file", secret), Map.of("TUTTI_VOLUME", " 7 "));

        assertThat(reader.print(reader.lookup(), "others").lines())
                .containsExactly(
                        "config = " + config + " (--config)",
                        "volume =  7  (TUTTI_VOLUME)",
                        "full-name = a\\nb (" + config + ")",
                        "password = (hidden) (--password-file)",
                        "pin = (hidden) (" + config + ")",
                        "refuses = false (default)");
    }

    @Test
    void printShowsValuesOfOtherSources() {
        SettingsReader reader = reader(Map.of(), Map.of());
        UnaryOperator<String> others = name -> name.equals("full-name") ? "x" : null;

        assertThat(reader.print(others, "MicroProfile Config").lines())
                .contains("full-name = x (MicroProfile Config)", "password =  (default)");
    }

    @Test
    void printHidesSecretsInAddresses() {
        for (String address : new String[] {
            "https://user:hunter2@example.org/a",
            "https://hunter2@example.org/a",
            "jdbc:postgresql://h/d?password=hunter2",
            "jdbc:postgresql://h/d?user=u&sslpassword=hunter2&ssl=true",
            "https://h/a?access_token=hunter2",
            "jdbc:x://h;Password=hunter2;b=1",
        }) {
            SettingsReader reader = reader(Map.of("full-name", address), Map.of());
            assertThat(reader.print(reader.lookup(), "others"))
                    .as(address)
                    .contains("(hidden)")
                    .doesNotContain("hunter2");
        }
    }
}
