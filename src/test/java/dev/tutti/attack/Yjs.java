package dev.tutti.attack;

import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.function.Consumer;

/** What clients of {@code /yjs} and {@code /hocuspocus} say, good and bad. Stateless. */
final class Yjs {
    /** An empty state vector. */
    static final byte[] NOTHING = {0};

    private static final int SYNC = 0;
    private static final int AWARENESS = 1;
    private static final int AUTH = 2;
    private static final int QUERY_AWARENESS = 3;
    private static final int CLOSE = 7;
    private static final int CONFIRM = 102;

    private Yjs() {}

    /** Asks for what a state vector lacks. */
    static byte[] ask(byte[] stateVector) {
        return sync(0, stateVector);
    }

    /** Says what is new. */
    static byte[] update(byte[] update) {
        return sync(2, update);
    }

    private static byte[] sync(int step, byte[] payload) {
        return written(out -> {
            out.writeVarUint(SYNC);
            out.writeVarUint(step);
            out.writeVarBytes(payload);
        });
    }

    /** Says that {@code count} people are there, from an id on, each with this state. */
    static byte[] awareness(long firstId, int count, long clock, String state) {
        byte[] update = written(out -> {
            out.writeVarUint(count);
            for (long id = firstId; id < firstId + count; id++) {
                out.writeVarUint(id);
                out.writeVarUint(clock);
                out.writeVarString(state);
            }
        });
        return written(out -> {
            out.writeVarUint(AWARENESS);
            out.writeVarBytes(update);
        });
    }

    /** Asks who is there. */
    static byte[] queryAwareness() {
        return new byte[] {QUERY_AWARENESS};
    }

    /** Asks to be told when all is stored. */
    static byte[] confirm(int mark) {
        return written(out -> {
            out.writeVarUint(CONFIRM);
            out.writeVarBytes(new byte[] {(byte) mark, (byte) (mark >> 8)});
        });
    }

    /** Returns a message of {@code /yjs} as one of {@code /hocuspocus}. */
    static byte[] about(String document, byte[] message) {
        return written(out -> {
            out.writeVarString(document);
            out.write(message);
        });
    }

    /** Authenticates for a document of {@code /hocuspocus}. */
    static byte[] authenticate(String document) {
        return about(document, new byte[] {AUTH, 0, 0});
    }

    /** Puts a document of {@code /hocuspocus} away. */
    static byte[] close(String document) {
        return about(document, new byte[] {CLOSE, 0});
    }

    private static byte[] written(Consumer<Lib0Writer> content) {
        Lib0Writer out = new Lib0Writer();
        content.accept(out);
        return out.toByteArray();
    }
}
