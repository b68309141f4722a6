package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoomNameTest {
    @ParameterizedTest
    @MethodSource("dev.tutti.hub.NameCase#all")
    void namesAreThoseOfTheCases(NameCase name) {
        assertThat(RoomName.isValid(name.text())).isEqualTo(name.valid());
    }

    /** Stores order names by UTF-16 units, PostgreSQL by code points. */
    @Test
    void bothOrdersOfValidNamesAgree() {
        for (int codePoint = Character.MIN_SURROGATE; codePoint < Character.MIN_SUPPLEMENTARY_CODE_POINT; codePoint++) {
            assertThat(RoomName.isValid(Character.toString(codePoint))).isFalse();
        }
    }

    @Test
    void refusalFitsIntoACloseReason() {
        assertThat(RoomName.NO_NAME).isASCII().hasSizeLessThanOrEqualTo(123);
    }
}
