package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoomNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-z_0~9", "team:42", "ann@example.org", "a..b", "-", "~"})
    void lettersDigitsAndSomeSignsAreValid(String name) {
        assertThat(RoomName.isValid(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", ".hidden", "a b", "a/b", "a%20b", "\u00e9", "a\n", "a\0", "\u0661", "a?b", "#"})
    void otherNamesAreInvalid(String name) {
        assertThat(RoomName.isValid(name)).isFalse();
    }

    @Test
    void nameHasAtMost128Characters() {
        assertThat(RoomName.isValid("x".repeat(128))).isTrue();
        assertThat(RoomName.isValid("x".repeat(129))).isFalse();
    }
}
