package dev.tutti.document;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;

/**
 * A message between the copies of a document on several servers. Immutable. On the wire, with lib0's numbers and arrays:
 *
 * <pre>
 * message = version kind origin body
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
sealed interface RelayMessage {
    /** Servers with another version of this format understand none of its messages. */
    int VERSION = 1;

    /** Upper bound of a message without its arrays. */
    int OVERHEAD_BYTES = 64;

    /** The copy that has sent it: a random number for each time a server loads a document. */
    long origin();

    /** Returns about the bytes that it holds while it waits. */
    default int bytes() {
        return OVERHEAD_BYTES;
    }

    /**
     * Where the sender is.
     *
     * @param last number of its last {@link Changes} with a change, from 1
     * @param stored the changes up to this number are stored
     */
    record Progress(long last, long stored) {}

    /** A copy has begun to receive: all others answer with {@link Changes}. */
    record Hello(long origin) implements RelayMessage {}

    /**
     * What the clients of the sender have changed; without a change it shows that the sender lives.
     *
     * @param update empty for none
     * @param awareness empty for none
     * @param renews whether the others must raise the clocks of their awareness: a client has reconnected
     */
    record Changes(long origin, Progress progress, byte[] update, byte[] awareness, boolean renews)
            implements RelayMessage {
        boolean hasChange() {
            return update.length + awareness.length > 0;
        }

        @Override
        public int bytes() {
            return OVERHEAD_BYTES + update.length + awareness.length;
        }
    }

    /**
     * The sender lacks something of one copy.
     *
     * @param to the copy that must answer
     * @param stateVector of the sender
     * @param digest of the sender's state: an equal one needs no update
     */
    record Question(long origin, Progress progress, long to, byte[] stateVector, byte[] digest)
            implements RelayMessage {
        @Override
        public int bytes() {
            return OVERHEAD_BYTES + stateVector.length + digest.length;
        }
    }

    /**
     * All that the sender of a {@link Question} lacks.
     *
     * @param to the copy that has asked
     * @param update empty for none
     * @param awareness all states of the sender's clients
     * @param isInStore whether the update is too large for a message: it is in the rows of the store
     */
    record Answer(long origin, Progress progress, long to, byte[] update, byte[] awareness, boolean isInStore)
            implements RelayMessage {
        @Override
        public int bytes() {
            return OVERHEAD_BYTES + update.length + awareness.length;
        }
    }

    /**
     * The sender has unloaded the document, and all its changes are stored.
     *
     * @param last number of its last change
     */
    record Bye(long origin, long last) implements RelayMessage {}

    /** The document was deleted. */
    record Deleted(long origin) implements RelayMessage {}

    /** Asks nothing and says nothing: the number of its receivers shows how many servers have the document open. */
    record Probe(long origin) implements RelayMessage {}

    /** Returns the message as it is sent. */
    default byte[] encode() {
        Lib0Writer out = new Lib0Writer(bytes());
        out.writeByte(VERSION);
        if (this instanceof Hello) {
            begin(out, 'h');
        } else if (this instanceof Changes changes) {
            begin(out, 'c');
            write(out, changes.progress);
            out.writeVarBytes(changes.update);
            out.writeVarBytes(changes.awareness);
            out.writeByte(changes.renews ? 1 : 0);
        } else if (this instanceof Question question) {
            begin(out, 'q');
            write(out, question.progress);
            out.writeVarUint(question.to);
            out.writeVarBytes(question.stateVector);
            out.writeVarBytes(question.digest);
        } else if (this instanceof Answer answer) {
            begin(out, 'a');
            write(out, answer.progress);
            out.writeVarUint(answer.to);
            out.writeVarBytes(answer.update);
            out.writeVarBytes(answer.awareness);
            out.writeByte(answer.isInStore ? 1 : 0);
        } else if (this instanceof Bye bye) {
            begin(out, 'b');
            out.writeVarUint(bye.last);
        } else {
            begin(out, this instanceof Deleted ? 'd' : 'p');
        }
        return out.take();
    }

    private void begin(Lib0Writer out, char kind) {
        out.writeByte(kind);
        out.writeVarUint(origin());
    }

    private static void write(Lib0Writer out, Progress progress) {
        out.writeVarUint(progress.last);
        out.writeVarUint(progress.stored);
    }

    /**
     * Reads a message.
     *
     * @throws MalformedUpdateException if this version does not understand it
     */
    static RelayMessage decode(byte[] message) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(message);
        int version = in.readByte();
        if (version != VERSION) {
            throw new MalformedUpdateException("has version " + version);
        }
        int kind = in.readByte();
        long origin = in.readVarUint();
        RelayMessage decoded = switch (kind) {
            case 'h' -> new Hello(origin);
            case 'c' -> new Changes(origin, progress(in), in.readVarBytes(), in.readVarBytes(), in.readByte() != 0);
            case 'q' -> new Question(origin, progress(in), in.readVarUint(), in.readVarBytes(), in.readVarBytes());
            case 'a' ->
                new Answer(
                        origin,
                        progress(in),
                        in.readVarUint(),
                        in.readVarBytes(),
                        in.readVarBytes(),
                        in.readByte() != 0);
            case 'b' -> new Bye(origin, in.readVarUint());
            case 'd' -> new Deleted(origin);
            case 'p' -> new Probe(origin);
            default -> throw new MalformedUpdateException("has kind " + kind);
        };
        in.expectEnd();
        return decoded;
    }

    private static Progress progress(Lib0Reader in) throws MalformedUpdateException {
        return new Progress(in.readVarUint(), in.readVarUint());
    }
}
