package dev.tutti.document;

import dev.tutti.hub.Frame;
import dev.tutti.hub.Notice;
import dev.tutti.hub.Protocol;
import dev.tutti.yjs.Lib0Reader;
import dev.tutti.yjs.Lib0Writer;
import dev.tutti.yjs.MalformedUpdateException;
import org.jspecify.annotations.Nullable;

/**
 * The frames of y-websocket 1 to 4: y-protocols' sync and awareness protocols, one message a frame. Stateless.
 *
 * <pre>
 * frame = 0 0 varBytes(state vector)    sync step 1: what do I lack?
 *       | 0 1 varBytes(update)          sync step 2: this
 *       | 0 2 varBytes(update)          an update
 *       | 1 varBytes(awareness update)
 *       | 2 0 varString(reason)         permission denied
 *       | 3                             who is there?
 * </pre>
 */
final class SyncProtocol implements Protocol {
    /** For clients of documents: they are in no rooms, and are not closed for being slow. */
    static final Protocol PROTOCOL = new SyncProtocol();

    private static final int SYNC = 0;
    private static final int AWARENESS = 1;
    private static final int QUERY_AWARENESS = 3;

    private static final int STEP_1 = 0;
    private static final int STEP_2 = 1;
    private static final int UPDATE = 2;

    private SyncProtocol() {}

    @Override
    public @Nullable Frame encode(String room, Notice notice) {
        return null;
    }

    @Override
    public boolean hearsPresence() {
        return false;
    }

    @Override
    public boolean catchesUp() {
        return true;
    }

    /** What a client sends. */
    sealed interface Message {}

    /** Asks for what a state vector lacks. */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Ask(byte[] stateVector) implements Message {}

    /** Says what is new, or what was asked for. */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Tell(byte[] update) implements Message {}

    /** Says who is there. */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Aware(byte[] update) implements Message {}

    /** Asks who is there. */
    record AskAware() implements Message {}

    /**
     * Reads a frame.
     *
     * @throws MalformedUpdateException if it is none that a client may send
     */
    static Message decode(byte[] frame) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(frame);
        long kind = in.readVarUint();
        Message message;
        if (kind == SYNC) {
            long step = in.readVarUint();
            byte[] payload = in.readVarBytes();
            if (step > UPDATE) {
                throw new MalformedUpdateException("not a sync message");
            }
            message = step == STEP_1 ? new Ask(payload) : new Tell(payload);
        } else if (kind == AWARENESS) {
            message = new Aware(in.readVarBytes());
        } else if (kind == QUERY_AWARENESS) {
            message = new AskAware();
        } else {
            throw new MalformedUpdateException("not a message of y-websocket's");
        }
        in.expectEnd();
        return message;
    }

    /** Asks a client for what the server lacks. */
    static Frame ask(byte[] stateVector) {
        return sync(STEP_1, stateVector);
    }

    /** Answers what a client lacks. */
    static Frame answer(byte[] update) {
        return sync(STEP_2, update);
    }

    /** Says what is new. */
    static Frame tell(byte[] update) {
        return sync(UPDATE, update);
    }

    /** Says who is there. */
    static Frame aware(byte[] update) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(AWARENESS);
        out.writeVarBytes(update);
        return Frame.binary(out.toByteArray());
    }

    private static Frame sync(int step, byte[] payload) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(SYNC);
        out.writeVarUint(step);
        out.writeVarBytes(payload);
        return Frame.binary(out.toByteArray());
    }
}
