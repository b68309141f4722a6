package dev.tutti.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    private static final List<String> NAMES = List.of(
            "host", "port", "data", "database", "max-rooms", "max-rooms-per-user", "max-message-bytes", "tls-cert");

    @ParameterizedTest
    @CsvSource({
        "hots, host",
        "prt, port",
        "maxrooms, max-rooms",
        "max_rooms, max-rooms",
        "maxRooms, max-rooms",
        "MAX-ROOMS, max-rooms",
        "max-room, max-rooms",
        "max-rooms-per-usr, max-rooms-per-user",
        "max-mesage-byte, max-message-bytes",
        "tls-certificate, tls-cert",
        "max-message, max-message-bytes",
        "databse, database",
    })
    void misspeltNameIsFound(String text, String name) {
        assertThat(NearestName.of(text, NAMES)).isEqualTo(name);
    }

    @Test
    void farNamesAreNotProposed() {
        for (String text : List.of("", "-", "x", "8000", "nonsense", "a".repeat(10_000))) {
            assertThat(NearestName.of(text, NAMES)).as(text).isNull();
        }
    }
}
