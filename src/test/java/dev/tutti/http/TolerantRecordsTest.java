package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TolerantRecordsTest {
    record Inner(long count) {}

    record Outer(
            String name,
            int number,
            Instant time,
            List<Inner> list,
            Inner inner,
            @OptionalMember @Nullable Inner none) {}

    @Test
    void recordThatWasWrittenIsRead() {
        Outer outer = new Outer("a", 1, Instant.ofEpochMilli(2), List.of(new Inner(3)), new Inner(4), null);

        assertThat(TolerantRecords.read(Outer.class, RecordJson.write(outer))).isEqualTo(outer);
    }

    @Test
    void otherVersionIsReadAsFarAsItIsKnown() {
        assertThat(TolerantRecords.read(
                        Outer.class, "{'later':1,'name':2,'number':1e99,'list':{},'inner':[]}".replace('\'', '"')))
                .isEqualTo(new Outer("", 0, Instant.EPOCH, List.of(), new Inner(0), null));
    }

    @Test
    void otherTextIsRefused() {
        assertThatThrownBy(() -> TolerantRecords.read(Outer.class, "[")).isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> TolerantRecords.read(Outer.class, "[]")).isInstanceOf(JsonException.class);
    }
}
