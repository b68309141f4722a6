package dev.tutti.protocol.ysync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentRequest;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class YSyncReaderTest {
    private static DocumentRequest read(String hex) throws MalformedUpdateException {
        return YSyncReader.read(new Lib0Reader(HexFormat.of().parseHex(hex)));
    }

    private static void assertRefused(String hex, String reason) {
        assertThatThrownBy(() -> read(hex))
                .isInstanceOf(MalformedUpdateException.class)
                .hasMessage(reason);
    }

    @Test
    void syncStep1AsksForTheDifference() throws Exception {
        assertThat(read("00" + "00" + "0100"))
                .isInstanceOfSatisfying(
                        DocumentRequest.Sync.class,
                        sync -> assertThat(sync.stateVector()).containsExactly(0));
    }

    @Test
    void syncStep2AndUpdateBringUpdates() throws Exception {
        for (String step : new String[] {"01", "02"}) {
            assertThat(read("00" + step + "020000"))
                    .isInstanceOfSatisfying(
                            DocumentRequest.Update.class,
                            update -> assertThat(update.update()).containsExactly(0, 0));
        }
    }

    @Test
    void syncReplyOfHocuspocusIsASyncMessage() throws Exception {
        assertThat(read("04" + "00" + "0100")).isInstanceOf(DocumentRequest.Sync.class);
        assertThat(read("04" + "01" + "020000")).isInstanceOf(DocumentRequest.Update.class);
    }

    @Test
    void awarenessUpdateAndQueryAreRead() throws Exception {
        assertThat(read("01" + "0100"))
                .isInstanceOfSatisfying(
                        DocumentRequest.AwarenessUpdate.class,
                        update -> assertThat(update.update()).containsExactly(0));
        assertThat(read("03")).isInstanceOf(DocumentRequest.AwarenessQuery.class);
    }

    @Test
    void markHasAtMost64Bytes() throws Exception {
        assertThat(read("66" + "40" + "07".repeat(64)))
                .isInstanceOfSatisfying(
                        DocumentRequest.Confirm.class,
                        confirm -> assertThat(confirm.mark()).hasSize(64));
        assertRefused("66" + "41" + "07".repeat(65), "a mark has at most 64 bytes");
    }

    @Test
    void otherMessagesAreRefused() {
        assertRefused("02", "not a message that a client may send");
        assertRefused("ffffffffffff07", "not a message that a client may send");
        assertRefused("00" + "03" + "0100", "not a sync message");
        assertRefused("", "ends too early");
        assertRefused("00" + "00" + "0500", "counts more than there is");
        assertRefused("03" + "00", "goes on after its end");
    }
}
