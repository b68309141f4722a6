package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.Draft;
import dev.tutti.hub.Sender;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EntryTest {
    private static final Draft DRAFT =
            new Draft(1_800_000_000_000L, new Sender("c-1", "ann"), "{\"text\":\"größer 😀\"}", "ann\nkey", true);

    @Test
    void entryHoldsAllOfItsDraft() {
        Entry entry = Entry.decode(Entry.encode(DRAFT), 7, 5);

        assertThat(entry).isEqualTo(new Entry(DRAFT.at(7), DRAFT.key(), 5));
    }

    @Test
    void applicationHasNoSenderAndMayHaveNoKey() {
        Draft draft = new Draft(0, null, "1", null, false);

        assertThat(Entry.decode(Entry.encode(draft), 1, 0)).isEqualTo(new Entry(draft.at(1), null, 0));
    }

    @Test
    void eachIncompleteEntryIsRefused() {
        byte[] encoded = Entry.encode(DRAFT);
        for (int length = 0; length < encoded.length; length++) {
            byte[] part = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> Entry.decode(part, 1, 0)).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void otherVersionIsNamed() {
        byte[] encoded = Entry.encode(DRAFT);
        encoded[Integer.BYTES] = '9';

        assertThatThrownBy(() -> Entry.decode(encoded, 1, 0))
                .isInstanceOf(FormatException.class)
                .hasMessage("a publication of version 9");
    }

    @Test
    void foreignMessageIsRefused() {
        assertThatThrownBy(() -> RoomMessage.decode("hello".getBytes(UTF_8))).isInstanceOf(FormatException.class);
    }
}
