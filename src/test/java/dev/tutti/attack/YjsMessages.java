package dev.tutti.attack;

import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.function.Consumer;

/** Messages of clients at {@code /yjs} and {@code /hocuspocus}. Stateless. */
final class YjsMessages {
    /** An empty state vector. */
    static final byte[] NOTHING = {0};

    private static final int SYNC = 0;
    private static final int AWARENESS = 1;
    private static final int AUTH = 2;
    private static final int QUERY_AWARENESS = 3;
    private static final int CLOSE = 7;
    private static final int CONFIRM = 102;

    private YjsMessages() {}

    /** Returns sync step 1: a request for the updates missing from a state vector. */
    static byte[] ask(byte[] stateVector) {
        return sync(0, stateVector);
    }

    /** Returns a message with an update. */
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

    /** Returns an awareness update with {@code count} clients, from an id on, all with the same state. */
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

    /** Returns a request for all awareness states. */
    static byte[] queryAwareness() {
        return new byte[] {QUERY_AWARENESS};
    }

    /** Returns a request for a confirmation that all is stored. */
    static byte[] confirm(int mark) {
        return written(out -> {
            out.writeVarUint(CONFIRM);
            out.writeVarBytes(new byte[] {(byte) mark, (byte) (mark >> 8)});
        });
    }

    /** Returns a {@code /yjs} message as a {@code /hocuspocus} message. */
    static byte[] inDocument(String document, byte[] message) {
        return written(out -> {
            out.writeVarString(document);
            out.write(message);
        });
    }

    /** Returns an authentication for a document at {@code /hocuspocus}. */
    static byte[] authenticate(String document) {
        return inDocument(document, new byte[] {AUTH, 0, 0});
    }

    /** Returns an authentication with a token. */
    static byte[] authenticate(String document, String token) {
        return inDocument(document, written(out -> {
            out.write(new byte[] {AUTH, 0});
            out.writeVarString(token);
        }));
    }

    /** Returns the close of a document at {@code /hocuspocus}. */
    static byte[] close(String document) {
        return inDocument(document, new byte[] {CLOSE, 0});
    }

    private static byte[] written(Consumer<Lib0Writer> content) {
        Lib0Writer out = new Lib0Writer();
        content.accept(out);
        return out.toByteArray();
    }
}
