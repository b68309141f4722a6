package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {
    private static final List<Grant> RIGHTS =
            List.of(new Grant(null, null, List.of(NamePattern.of("a*")), List.of(), Set.of(Action.WRITE)));

    private final String key = ApiKey.generate(new SecureRandom());

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        file = directory.resolve("keys");
        Files.writeString(file, "# of the shop\n\n" + ApiKey.line("orders", key) + "\n");
    }

    private ApiKeys keys() {
        return ApiKeys.read(file.toString(), json -> RIGHTS);
    }

    @Test
    void keyNamesAProgram() {
        Identity identity = keys().verify(key);

        assertThat(identity.way()).isEqualTo(Way.KEY);
        assertThat(identity.user()).isEqualTo("key:orders");
        assertThat(identity.accountName()).isEqualTo("key:orders");
        assertThat(identity.grants()).isNull();
    }

    @Test
    void lineMayHaveRights() throws IOException {
        Files.writeString(file, ApiKey.line("orders", key) + "  [{\"rooms\":[\"a*\"],\"may\":[\"write\"]}]");

        Identity identity = keys().verify(key);

        assertThat(identity.grants()).isEqualTo(RIGHTS);
        assertThat(Rules.byDefault().allow(identity, Action.WRITE, Resource.room("a1")))
                .isTrue();
        assertThat(Rules.byDefault().allow(identity, Action.WRITE, Resource.room("b1")))
                .isFalse();
        assertThat(Rules.byDefault().allow(identity, Action.ADMIN, Resource.SERVER))
                .isFalse();
    }

    @Test
    void wrongKeysAreRefusedWithoutTheirText() {
        String hash = HexFormat.of().formatHex(ApiKey.hash(key));
        String other = ApiKey.generate(new SecureRandom());
        for (String wrong : List.of(
                other,
                key.substring(0, key.length() - 1),
                key + "A",
                key.toUpperCase(Locale.ROOT),
                "tutti_",
                "tutti_" + hash,
                hash,
                key.replace("tutti_", "tutti-"),
                key + " ",
                "tutti_" + "x".repeat(1 << 20))) {
            assertThatThrownBy(() -> keys().verify(wrong))
                    .isInstanceOfSatisfying(UnauthenticatedException.class, refused -> {
                        assertThat(refused.status()).isEqualTo(401);
                        assertThat(refused.reason()).doesNotContain(wrong.substring(Math.min(6, wrong.length() - 1)));
                    });
        }
    }

    /** Each key is compared whole: the digest of the JDK documents that its comparison takes the same time for all bytes. */
    @Test
    void everyKeyOfTheFileIsCompared() throws IOException {
        String second = ApiKey.generate(new SecureRandom());
        Files.writeString(file, ApiKey.line("orders", key) + "\n" + ApiKey.line("orders", second) + "\n");
        ApiKeys rotated = keys();

        assertThat(rotated.verify(key)).isEqualTo(rotated.verify(second));
    }

    @Test
    void removedKeyEndsWithTheNextCheck() throws IOException {
        ApiKeys keys = keys();
        assertThat(keys.verify(key)).isNotNull();
        Files.writeString(file, "");
        keys.tick(Runnable::run);

        assertThatThrownBy(() -> keys.verify(key)).isInstanceOf(UnauthenticatedException.class);
    }

    @Test
    void brokenFileKeepsTheEarlierKeys() throws IOException {
        ApiKeys keys = keys();
        Files.writeString(file, "orders 12");
        keys.tick(Runnable::run);

        assertThat(keys.verify(key)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders",
                "orders 12",
                "a/b e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "orders E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                "orders e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 admin",
            })
    void faultyLineIsNamedByItsNumber(String line) throws IOException {
        Files.writeString(file, "#\n" + line);

        assertThatThrownBy(this::keys)
                .hasMessageContaining("line 2: a line is a name")
                .hasMessageNotContaining("E3B0");
    }

    @Test
    void newKeyPassesByItsLine() throws IOException {
        String[] lines = ApiKeys.describeNew("orders", new SecureRandom()).split("\n", -1);
        Files.writeString(file, lines[1]);

        assertThat(keys().verify(lines[0].replace("Authorization: Bearer ", "")).user())
                .isEqualTo("key:orders");
        assertThatThrownBy(() -> ApiKeys.describeNew("a b", new SecureRandom()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Gate gate(String ways) {
        return new Gate(
                new Gate.Options(Ways.valueOf(ways), true, 1, Hosts.valueOf("")),
                Origins.of(new Origins.Options("")),
                token -> new Identity(Way.TOKEN, "ann", Set.of(), Map.of(), null),
                keys(),
                () -> 0);
    }

    private static Caller caller(String... headers) {
        List<String> all = Arrays.asList(headers);
        return Caller.of(
                "192.0.2.1",
                name -> {
                    int at = all.indexOf(name);
                    return name.equals("Host") ? List.of("example.org") : at < 0 ? List.of() : List.of(all.get(at + 1));
                },
                "token=" + all.get(all.size() - 1).replace("Bearer ", ""),
                null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "open", "container", "token"})
    void keyPassesBesideEveryWay(String ways) {
        assertThat(gate(ways).admit(caller("Authorization", "Bearer " + key)).way())
                .isEqualTo(Way.KEY);
        assertThatThrownBy(() -> gate(ways).admit(caller("Authorization", "Bearer tutti_wrong")))
                .isInstanceOf(UnauthenticatedException.class);
    }

    @Test
    void handshakeAndQueryAcceptNoKey() {
        assertThatThrownBy(() -> gate("open").admit(caller("Sec-WebSocket-Key", "x", "Authorization", "Bearer " + key)))
                .isInstanceOf(UnauthenticatedException.class)
                .hasMessageContaining("a WebSocket needs a token");
        assertThat(gate("open").admit(caller("Accept", key)).way()).isEqualTo(Way.OPEN);
    }

    @Test
    void wrongKeysUseUpTheFailuresOfTheirAddress() {
        Gate gate = gate("open");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> gate.admit(caller("Authorization", "Bearer tutti_" + "A".repeat(43))))
                    .hasMessageContaining("unknown");
        }

        assertThatThrownBy(() -> gate.admit(caller("Authorization", "Bearer " + key)))
                .isInstanceOfSatisfying(
                        UnauthenticatedException.class,
                        refused -> assertThat(refused.status()).isEqualTo(429));
    }
}
