package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @Test
    void tokensWithoutKeysAreAnInvalidSetting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessSettings.gate(Map.of("access", "local,token")::get))
                .withMessageContaining("jwt-keys");
    }
}
