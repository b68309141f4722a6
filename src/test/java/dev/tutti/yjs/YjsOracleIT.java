package dev.tutti.yjs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Compares documents with Yjs: random editing histories, made and checked by Yjs.
 *
 * <p>More of them, and others:
 *
 * <pre>
 * mvn verify -Dit.test=YjsOracleIT -Dtutti.yjs.histories=100000 -Dtutti.yjs.seed=1000000
 * </pre>
 */
class YjsOracleIT {
    private static final int HISTORIES = Integer.getInteger("tutti.yjs.histories", 1000);
    private static final int FIRST_SEED = Integer.getInteger("tutti.yjs.seed", 1);

    /** Bytes by which all encodings together may exceed those of Yjs. */
    private static final double MAX_SIZE_RATIO = 1.1;

    private static final byte[] NOTHING_KNOWN = {0};

    private static YjsProcess yjs;

    @BeforeAll
    static void start() throws IOException {
        String missing = YjsProcess.missing();
        if (!"true".equals(System.getenv("CI"))) {
            assumeTrue(missing.isEmpty(), () -> "not compared with Yjs: " + missing);
        }
        assertThat(missing).isEmpty();
        yjs = YjsProcess.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (yjs != null) {
            yjs.close();
        }
    }

    @Test
    void yjsReadsTheSameDocumentAfterRandomEdits() throws Exception {
        long size = 0;
        long yjsSize = 0;
        int seed = FIRST_SEED;
        for (; seed < FIRST_SEED + HISTORIES; seed++) {
            YjsProcess.Verdict verdict = replay(seed, 5 + seed % 50);
            assertThat(verdict.faults()).as("seed " + seed).isEmpty();
            size += verdict.size();
            yjsSize += verdict.yjsSize();
        }
        double ratio = (double) size / yjsSize;
        System.out.printf(
                "Yjs histories: seeds %d to %d, %d bytes, %.3f times the bytes of Yjs%n",
                FIRST_SEED, seed - 1, size, ratio);
        assertThat(ratio).isLessThan(MAX_SIZE_RATIO);
    }

    private static YjsProcess.Verdict replay(int seed, int steps) throws Exception {
        YjsProcess.History history = yjs.history(seed, steps);
        YDocument document = new YDocument(DocumentLimits.NONE);
        List<byte[]> passedOn = new ArrayList<>();
        byte[] atCut = document.encode();
        byte[] stored = atCut;
        for (int i = 0; i < history.frames().size(); i++) {
            document.apply(history.frames().get(i)).ifPresent(passedOn::add);
            if (i + 1 == history.cut()) {
                atCut = document.diff(NOTHING_KNOWN);
                stored = document.encode();
            }
        }
        List<byte[]> diffs = new ArrayList<>();
        for (byte[] stateVector : history.stateVectors()) {
            diffs.add(document.diff(stateVector));
        }
        byte[] merged = Updates.merge(history.frames());
        List<byte[]> encodings = List.of(atCut, stored, document.encode(), document.stateVector(), merged);
        return yjs.judge(encodings, passedOn, diffs);
    }
}
