package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import dev.tutti.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KeySettingsTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private static KeySource source(Map<String, String> settings) {
        return KeySettings.source(Settings.read(TokenOptions.class, settings::get), System::nanoTime);
    }

    private KeySource file(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("keys"), text);
        return source(Map.of("jwt-keys", file.toString(), "jwt-issuer", "i", "jwt-audiences", "a"));
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static boolean verifies(KeySource source, JWSAlgorithm algorithm, String kid) {
        VerificationKeys keys = source.current();
        return keys != null
                && keys.accept(algorithm)
                && keys.verifier(new JWSHeader.Builder(algorithm).keyID(kid).build()) != null;
    }

    @Test
    void changedFileReplacesTheKeys() throws IOException {
        KeySource keys = file(Signed.jwks(Signed.RSA));
        Files.writeString(folder.resolve("keys"), "no keys");
        keys.tick(Runnable::run);
        assertThat(verifies(keys, JWSAlgorithm.RS256, "rsa-1")).isTrue();

        Files.writeString(folder.resolve("keys"), Signed.jwks(Signed.EC));
        keys.tick(Runnable::run);

        assertThat(verifies(keys, JWSAlgorithm.ES256, "ec-1")).isTrue();
        assertThat(verifies(keys, JWSAlgorithm.RS256, "rsa-1")).isFalse();
    }

    @Test
    void fileHoldsAJwks() throws IOException {
        KeySource keys = file(Signed.jwks(Signed.RSA, Signed.EC));

        assertThat(verifies(keys, JWSAlgorithm.RS256, "rsa-1")).isTrue();
        assertThat(verifies(keys, JWSAlgorithm.ES256, "ec-1")).isTrue();
        assertThat(verifies(keys, JWSAlgorithm.ES256, "rsa-1")).isFalse();
    }

    @Test
    void keyInPemVerifiesAnyName() throws IOException, JOSEException {
        assertThat(verifies(file(pem(Signed.RSA.toPublicKey())), JWSAlgorithm.RS256, "rsa-1"))
                .isTrue();
        assertThat(verifies(file(pem(Signed.EC.toPublicKey())), JWSAlgorithm.ES256, null))
                .isTrue();
        assertThat(verifies(file(pem(Signed.EC.toPublicKey())), JWSAlgorithm.RS256, null))
                .isFalse();
    }

    @Test
    void keyOfEd25519IsReadFromPem() throws Exception {
        PublicKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
        Path file = Files.writeString(folder.resolve("keys"), pem(key));
        Map<String, String> settings = Map.of(
                "jwt-keys",
                file.toUri().toString(),
                "jwt-issuer",
                "i",
                "jwt-audiences",
                "a",
                "jwt-algorithms",
                "EdDSA");

        assertThat(verifies(source(settings), JWSAlgorithm.EdDSA, "any")).isTrue();
        assertThat(verifies(source(settings), JWSAlgorithm.ES256, null)).isFalse();
    }

    @Test
    void keysMayBeAResourceOfTheApplication() {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try {
            Thread.currentThread().setContextClassLoader(new ClassLoader(before) {
                @Override
                public InputStream getResourceAsStream(String name) {
                    return name.equals("META-INF/keys.json")
                            ? new ByteArrayInputStream(Signed.jwks(Signed.RSA).getBytes(UTF_8))
                            : super.getResourceAsStream(name);
                }
            });
            for (String name : new String[] {"META-INF/keys.json", "/META-INF/keys.json"}) {
                assertThat(verifies(
                                source(Map.of("jwt-keys", name, "jwt-issuer", "i", "jwt-audiences", "a")),
                                JWSAlgorithm.RS256,
                                "rsa-1"))
                        .isTrue();
            }
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void secretVerifiesHmacOnly() {
        KeySource keys = source(Map.of("jwt-secret", SECRET));

        assertThat(verifies(keys, JWSAlgorithm.HS256, null)).isTrue();
        assertThat(verifies(keys, JWSAlgorithm.RS256, null)).isFalse();
    }

    @Test
    void addressHasNoKeysBeforeItsFirstTick() {
        KeySource keys =
                source(Map.of("jwt-keys", "https://issuer.example/keys", "jwt-issuer", "i", "jwt-audiences", "*"));

        assertThat(keys.current()).isNull();
    }

    static Stream<Arguments> invalidSettings() {
        return Stream.of(
                Arguments.of(Map.of(), "jwt-keys or"),
                Arguments.of(Map.of("jwt-keys", "k", "jwt-secret", SECRET), "one of them"),
                Arguments.of(Map.of("jwt-secret", "short"), "jwt-secret: the secret has fewer than the 32 bytes"),
                Arguments.of(Map.of("jwt-secret", SECRET, "jwt-algorithms", "HS512"), "64 bytes that HS512"),
                Arguments.of(Map.of("jwt-secret", SECRET, "jwt-algorithms", "RS256"), "'RS256' is none of HS256"),
                Arguments.of(Map.of("jwt-keys", "k"), "jwt-issuer: required"),
                Arguments.of(Map.of("jwt-keys", "k", "jwt-issuer", "i"), "jwt-audiences: required"),
                Arguments.of(
                        Map.of("jwt-keys", "/no/such/file", "jwt-issuer", "i", "jwt-audiences", "a"), "cannot be read"),
                Arguments.of(
                        Map.of("jwt-keys", "k", "jwt-issuer", "i", "jwt-audiences", "a", "jwt-algorithms", "none"),
                        "'none' is none of"),
                Arguments.of(
                        Map.of(
                                "jwt-keys",
                                "k",
                                "jwt-issuer",
                                "i",
                                "jwt-audiences",
                                "a",
                                "jwt-algorithms",
                                "RS256, HS256"),
                        "'HS256' is none of"));
    }

    @ParameterizedTest
    @MethodSource("invalidSettings")
    void contradictionIsAnInvalidSetting(Map<String, String> settings, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> source(settings)).withMessageContaining(message);
    }

    @Test
    void fileWithoutAPublicKeyIsAnInvalidSetting() {
        for (String text :
                new String[] {"", "{}", "{\"keys\":[]}", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
                }) {
            assertThatIllegalArgumentException().isThrownBy(() -> file(text)).withMessageStartingWith("jwt-keys: ");
        }
    }

    @Test
    void settingsDoNotShowTheSecret() {
        assertThat(Settings.read(TokenOptions.class, Map.of("jwt-secret", SECRET)::get)
                        .toString())
                .doesNotContain(SECRET);
    }
}
