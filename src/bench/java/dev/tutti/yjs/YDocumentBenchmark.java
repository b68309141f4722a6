package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The time of an edit in a document after many edits, and of encoding and reading the whole document. One invocation makes a thousand edits
 * in a new copy of the document, so that its size stays as stated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class YDocumentBenchmark {
    private static final int EDITS = 1000;
    private static final long TYPIST = 4_000_000_000L;

    /** Earlier edits; every other one continues the one before. */
    @Param({"1000", "200000", "1000000"})
    public int size;

    private byte[] before;
    private final byte[][] typed = new byte[EDITS][];
    private final byte[][] scattered = new byte[EDITS][];
    private final byte[][] deleted = new byte[EDITS][];
    private YDocument document;
    private byte[] nearlyAll;

    @Setup
    public void makeEdits() throws Exception {
        Random random = new Random(1);
        YDocument made = new YDocument(DocumentLimits.DEFAULT);
        for (int clock = 0; clock < size; clock++) {
            int origin = random.nextBoolean() ? clock - 1 : random.nextInt(clock + 1) - 1;
            made.apply(insert(TYPIST, clock, origin, origin == clock - 1 ? -1 : origin + 1));
            if (random.nextInt(10) == 0) {
                made.apply(delete(random.nextInt(clock + 1)));
            }
        }
        nearlyAll = made.stateVector();
        before = made.encode();
        for (int i = 0; i < EDITS; i++) {
            typed[i] = insert(TYPIST + 1, i, i - 1, -1);
            int origin = random.nextInt(size - 1);
            scattered[i] = insert(TYPIST, size + i, origin, origin + 1);
            deleted[i] = delete(random.nextInt(size));
        }
    }

    /** Returns an update: a letter between two of the same client; −1 for no neighbour. */
    private static byte[] insert(long client, int clock, int origin, int right) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(1);
        out.writeVarUint(1);
        out.writeVarUint(client);
        out.writeVarUint(clock);
        out.writeByte(4 | (origin < 0 ? 0 : 0x80) | (right < 0 ? 0 : 0x40));
        for (int neighbour : new int[] {origin, right}) {
            if (neighbour >= 0) {
                out.writeVarUint(client);
                out.writeVarUint(neighbour);
            }
        }
        if (origin < 0 && right < 0) {
            out.writeVarUint(1);
            out.writeVarString("text");
        }
        out.writeVarString("x");
        out.writeVarUint(0);
        return out.toByteArray();
    }

    private static byte[] delete(int clock) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(0);
        out.writeVarUint(1);
        out.writeVarUint(TYPIST);
        out.writeVarUint(1);
        out.writeVarUint(clock);
        out.writeVarUint(1);
        return out.toByteArray();
    }

    @Setup(Level.Invocation)
    public void load() throws Exception {
        document = new YDocument(DocumentLimits.DEFAULT);
        document.apply(before);
    }

    private int apply(byte[][] edits) throws Exception {
        int bytes = 0;
        for (byte[] edit : edits) {
            bytes += document.apply(edit).map(news -> news.length).orElse(0);
        }
        return bytes;
    }

    /** Inserts letters one after the other. */
    @Benchmark
    @OperationsPerInvocation(EDITS)
    public int type() throws Exception {
        return apply(typed);
    }

    /** Inserts letters at random positions. */
    @Benchmark
    @OperationsPerInvocation(EDITS)
    public int scatter() throws Exception {
        return apply(scattered);
    }

    /** Deletes letters at random positions. */
    @Benchmark
    @OperationsPerInvocation(EDITS)
    public int delete() throws Exception {
        return apply(deleted);
    }

    /** Encodes the whole document, as for a new client. */
    @Benchmark
    public byte[] encode() {
        return document.encode();
    }

    /** Encodes nothing but the deletes, as for a client that reconnects. */
    @Benchmark
    public byte[] diff() throws Exception {
        return document.diff(nearlyAll);
    }

    /** Reads the whole document, as from a client or the store. */
    @Benchmark
    public Object read() throws Exception {
        YDocument read = new YDocument(DocumentLimits.DEFAULT);
        return read.apply(before);
    }
}
