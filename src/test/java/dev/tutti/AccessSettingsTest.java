package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.settings.MicroProfileConfig;
import dev.tutti.settings.Settings;
import dev.tutti.token.TokenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessSettingsTest {
    private static final String RULES = "[{\"user\": \"Ann\", \"rooms\": [\"home-{user}\"], \"may\": [\"read\"]}]";

    @TempDir
    Path folder;

    private static Permissions permissions(String rules) {
        return AccessSettings.permissions(Map.of("rules", rules)::get);
    }

    private static boolean mayRead(Permissions permissions, String room) {
        return permissions.allow(Identity.named("Ann"), Action.READ, Resource.room(room));
    }

    @Test
    void rulesAreTheSettingOrAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("rules.json"), RULES);
        for (String setting : new String[] {RULES, file.toString()}) {
            assertThat(mayRead(permissions(setting), "home-Ann")).isTrue();
            assertThat(mayRead(permissions(setting), "other")).isFalse();
        }
        assertThat(mayRead(permissions(""), "other")).isTrue();
    }

    @Test
    void emptyRulesGrantNothing() {
        assertThat(mayRead(permissions("[]"), "other")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[ | no JSON at line 1",
                "[{}] | lacks 'may'",
                "[{\"user\":\"a\",\"user\":\"b\",\"rooms\":[\"a\"],\"may\":[\"read\"]}] | ",
                "/no/such/file | cannot be read",
            })
    void unreadableRulesAreAnInvalidSetting(String rules, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> permissions(rules))
                .withMessageStartingWith("rules: ")
                .withMessageContaining(reason == null ? "" : reason);
    }

    /** Keys that MicroProfile JWT's properties name, in this file. */
    private Map<String, String> microProfile() throws IOException, GeneralSecurityException {
        byte[] key =
                KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic().getEncoded();
        Path file = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n");
        return Map.of(
                "mp.jwt.verify.publickey.location", file.toUri().toString(),
                "mp.jwt.verify.publickey.algorithm", "ES256",
                "mp.jwt.verify.issuer", "https://id.example",
                "mp.jwt.verify.audiences", "tutti",
                "mp.jwt.verify.clock.skew", "5");
    }

    private static TokenOptions tokenOptions(Map<String, String> settings, Map<String, String> properties) {
        return Settings.read(TokenOptions.class, TokenOptions.withMicroProfile(settings::get, config(properties)));
    }

    private static MicroProfileConfig config(Map<String, String> properties) {
        return MicroProfileConfig.of(properties::get);
    }

    @Test
    void propertiesOfMicroProfileAreDefaults() throws Exception {
        Map<String, String> properties = microProfile();

        assertThat(tokenOptions(Map.of(), properties))
                .isEqualTo(new TokenOptions(
                        properties.get("mp.jwt.verify.publickey.location"),
                        "",
                        "ES256",
                        "https://id.example",
                        "tutti",
                        5));
        assertThat(tokenOptions(Map.of("jwt-audiences", "mine", "jwt-clock-skew", "6"), properties))
                .isEqualTo(new TokenOptions(
                        properties.get("mp.jwt.verify.publickey.location"),
                        "",
                        "ES256",
                        "https://id.example",
                        "mine",
                        6));
        assertThat(AccessSettings.gate(Map.of("access", "token")::get, config(properties))
                        .summary())
                .isEqualTo("access=token");
    }

    @Test
    void secretIgnoresThePropertiesOfMicroProfile() throws Exception {
        String secret = "0123456789abcdef0123456789abcdef";

        assertThat(tokenOptions(Map.of("jwt-secret", secret), microProfile()))
                .isEqualTo(new TokenOptions("", secret, "", "", "", 30));
    }

    @Test
    void addressesWithoutLimitsHaveNoneForFailedTokensEither() {
        String bad = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJBbm4iLCJleHAiOjk5OTk5OTk5OTl9.AAAA"; // signed wrongly
        for (String max : new String[] {"0", "1"}) {
            Gate gate = AccessSettings.gate(Map.of(
                    "access",
                    "token",
                    "jwt-secret",
                    "0123456789abcdef0123456789abcdef",
                    "max-connections-per-address",
                    max,
                    "max-failed-tokens-per-second",
                    "1")::get);
            Authenticator authenticator = new Authenticator(gate, Permissions.ALLOW_ALL);
            for (int i = 0; i < 11; i++) { // the first leaks out meanwhile
                assertThatThrownBy(() -> authenticator.ofToken(bad, "192.0.2.1"))
                        .isInstanceOf(UnauthenticatedException.class);
            }
            assertThatThrownBy(() -> authenticator.ofToken(bad, "192.0.2.1"))
                    .hasMessageContaining(max.equals("0") ? "signature is wrong" : "too many tokens");
        }
    }

    @Test
    void tokensWithoutKeysAreAnInvalidSetting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessSettings.gate(Map.of("access", "local,token")::get, config(Map.of())))
                .withMessageContaining("jwt-keys");
    }
}
