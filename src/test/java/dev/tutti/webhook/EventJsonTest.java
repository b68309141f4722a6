package dev.tutti.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.event.Event;
import jakarta.json.Json;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class EventJsonTest {
    private static String json(Event event) {
        return new String(EventJson.of(event), UTF_8);
    }

    @Test
    void bodyHasTypeTimestampAndData() {
        assertThat(json(new Event.RoomOccupied(1_614_265_330_123L, "plan")))
                .isEqualTo(
                        "{\"type\":\"room.occupied\",\"timestamp\":\"2021-02-25T15:02:10.123Z\",\"data\":{\"room\":\"plan\"}}");
    }

    @Test
    void dataDependsOnTheType() {
        assertThat(json(new Event.ClientDisconnected(0, "c", "A\"B", 4403)))
                .endsWith("\"data\":{\"client\":\"c\",\"user\":\"A\\\"B\",\"code\":4403}}");
        assertThat(json(new Event.ClientDisconnected(0, "c", "Ann", null)))
                .endsWith("\"data\":{\"client\":\"c\",\"user\":\"Ann\"}}");
        assertThat(json(new Event.MemberEntered(0, "plan", "c", "Ann", "{\"x\":1}")))
                .endsWith("\"data\":{\"room\":\"plan\",\"client\":\"c\",\"user\":\"Ann\",\"state\":{\"x\":1}}}");
        assertThat(json(new Event.Published(0, "plan", 7, "c", "Ann", "[1]")))
                .endsWith("\"data\":{\"room\":\"plan\",\"offset\":7,\"client\":\"c\",\"user\":\"Ann\",\"data\":[1]}}");
        assertThat(json(new Event.Published(0, "plan", 7, null, null, "[1]")))
                .endsWith("\"data\":{\"room\":\"plan\",\"offset\":7,\"data\":[1]}}");
        assertThat(json(new Event.DocumentStored(0, "notes"))).endsWith("\"data\":{\"document\":\"notes\"}}");
        assertThat(new String(EventJson.dropped(3, 0), UTF_8))
                .startsWith("{\"type\":\"events.dropped\",")
                .endsWith("\"data\":{\"count\":3}}");
    }

    @Test
    void everyBodyIsJson() {
        for (Event event : EventSelectionTest.ALL) {
            assertThat(Json.createReader(new StringReader(json(event)))
                            .readObject()
                            .getString("type"))
                    .isEqualTo(event.type());
        }
    }
}
