package dev.tutti.yjs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import java.util.Optional;

/**
 * Bytes of any kind, which Jazzer bends until they reach the last branch. As a test it tries those that it once found, kept beside
 * it in {@code src/test/resources}; for an hour of looking for others:
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -Dtest='YjsFuzzTest#updates'
 * </pre>
 */
class YjsFuzzTest {
    private static final byte[] NOTHING_KNOWN = {0};

    @FuzzTest(maxDuration = "1h")
    void updates(byte[] bytes) throws Exception {
        YDocument document = new YDocument(new DocumentLimits(10_000, 100, 40_000, 400));
        Optional<byte[]> news;
        try {
            news = document.apply(bytes);
        } catch (MalformedUpdateException | LimitExceededException e) {
            assertThat(document.encode()).containsExactly(0, 0);
            return;
        }
        assertThat(document.apply(bytes)).isEmpty();
        byte[] whole = document.diff(NOTHING_KNOWN);
        YDocument copy = new YDocument(DocumentLimits.NONE);
        copy.apply(news.orElse(whole));
        copy.apply(document.diff(document.stateVector()));
        assertThat(copy.diff(NOTHING_KNOWN)).isEqualTo(whole);
        assertThat(document.apply(Updates.merge(List.of(whole, bytes)))).isEmpty();
        assertThat(document.apply(document.encode())).isEmpty();
    }

    @FuzzTest(maxDuration = "1h")
    void awareness(byte[] bytes) {
        Awareness awareness = new Awareness();
        try {
            for (Awareness.Entry entry : Awareness.decode(bytes)) {
                boolean isThere = awareness.apply(entry) != Awareness.Effect.REMOVED && awareness.bytes(entry.id()) > 0;
                assertThat(awareness.present().contains(entry.id())).isEqualTo(isThere);
            }
            awareness.present().forEach(awareness::remove);
        } catch (MalformedUpdateException e) {
            // nothing was applied
        }
        assertThat(awareness.present()).isEmpty();
        assertThat(awareness.bytes()).isZero();
    }
}
