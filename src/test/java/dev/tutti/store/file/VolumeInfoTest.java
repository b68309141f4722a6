package dev.tutti.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.StoreException;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeInfoTest {
    private final MVStore store = new MVStore.Builder().open();
    private final MVMap<String, String> map = store.openMap("about");

    @AfterEach
    void close() {
        store.close();
    }

    private VolumeInfo written() {
        VolumeInfo info = new VolumeInfo(map, 0xabcdef);
        info.setSequence(7);
        info.setHorizon(5);
        return info;
    }

    @Test
    void factsAreReadAgain() {
        assertThat(written().isNew()).isTrue();

        VolumeInfo again = new VolumeInfo(map, 1);
        assertThat(again.isNew()).isFalse();
        assertThat(again.mark()).isEqualTo(0xabcdef);
        assertThat(again.sequence()).isEqualTo(7);
        assertThat(again.horizon()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"format", "mark", "sequence", "horizon", "checksum"})
    void damagedFactIsDetected(String fact) {
        written();
        map.put(fact, "9" + map.get(fact));
        assertThatThrownBy(() -> new VolumeInfo(map, 1)).isExactlyInstanceOf(IllegalStateException.class);

        map.remove(fact);
        assertThatThrownBy(() -> new VolumeInfo(map, 1)).isExactlyInstanceOf(IllegalStateException.class);
    }

    @Test
    void laterFormatIsRefused() {
        map.put("format", "12");
        map.put("checksum", "80e0e125"); // CRC-32C of "format=12\n"
        assertThatThrownBy(() -> new VolumeInfo(map, 1))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("later version");
    }
}
