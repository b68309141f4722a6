package dev.tutti.document;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;

/**
 * What a client says of a document. Immutable.
 *
 * <pre>
 * message = 0 0 varBytes(state vector)    sync step 1: what do I lack?
 *         | 0 1 varBytes(update)          sync step 2: this
 *         | 0 2 varBytes(update)          an update
 *         | 1 varBytes(awareness update)
 *         | 3                             who is there?
 *         | 4 …                           as 0, from a client of Hocuspocus's
 *         | 102 varBytes(anything)        say so when all that I said is stored
 * </pre>
 */
sealed interface Message {
    /** The longest mark of a {@link Confirm}. */
    int MAX_MARK_BYTES = 64;

    /** Asks for what a state vector lacks. */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Ask(byte[] stateVector) implements Message {}

    /**
     * Says what is new, or what was asked for.
     *
     * @param isAnswer whether it was asked for
     */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Tell(byte[] update, boolean isAnswer) implements Message {}

    /** Says who is there. */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Aware(byte[] update) implements Message {}

    /** Asks who is there. */
    record AskAware() implements Message {}

    /** Asks to be sent a mark back once all is stored that the client said before. */
    @SuppressWarnings("ArrayRecordComponent") // messages are not compared
    record Confirm(byte[] mark) implements Message {}

    /**
     * Reads a message to its end.
     *
     * @throws MalformedUpdateException if it is none that a client may send
     */
    static Message read(Lib0Reader in) throws MalformedUpdateException {
        Message message = read((int) Math.min(in.readVarUint(), Integer.MAX_VALUE), in);
        in.expectEnd();
        return message;
    }

    private static Message read(int kind, Lib0Reader in) throws MalformedUpdateException {
        switch (kind) {
            case Wire.SYNC, Wire.SYNC_REPLY -> {
                long step = in.readVarUint();
                byte[] payload = in.readVarBytes();
                if (step > Wire.UPDATE) {
                    throw new MalformedUpdateException("not a sync message");
                }
                return step == Wire.STEP_1 ? new Ask(payload) : new Tell(payload, step == Wire.STEP_2);
            }
            case Wire.AWARENESS -> {
                return new Aware(in.readVarBytes());
            }
            case Wire.QUERY_AWARENESS -> {
                return new AskAware();
            }
            case Wire.CONFIRM -> {
                byte[] mark = in.readVarBytes();
                if (mark.length > MAX_MARK_BYTES) {
                    throw new MalformedUpdateException("a mark has at most " + MAX_MARK_BYTES + " bytes");
                }
                return new Confirm(mark);
            }
            default -> throw new MalformedUpdateException("not a message that a client may send");
        }
    }
}
