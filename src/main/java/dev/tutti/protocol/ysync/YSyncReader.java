package dev.tutti.protocol.ysync;

import dev.tutti.document.DocumentRequest;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;

/**
 * Reads the messages of y-protocols that a client may send. Stateless.
 *
 * <pre>
 * message = 0 0 varBytes(state vector)    sync step 1: asks for the difference
 *         | 0 1 varBytes(update)          sync step 2: the difference that the server lacks
 *         | 0 2 varBytes(update)          a new update
 *         | 1 varBytes(awareness update)
 *         | 3                             awareness query
 *         | 4 …                           as 0, from a client of Hocuspocus
 *         | 102 varBytes(mark)            Tutti's own: asks for the mark when all earlier messages are stored
 * </pre>
 *
 * <p>Source: the packages {@code y-protocols} (sync.js, awareness.js) and {@code y-websocket}.
 */
public final class YSyncReader {
    /** The longest mark of a {@link DocumentRequest.Confirm}. */
    private static final int MAX_MARK_BYTES = 64;

    private YSyncReader() {}

    /**
     * Reads one message to its end.
     *
     * @throws MalformedUpdateException if a client may not send it
     */
    public static DocumentRequest read(Lib0Reader in) throws MalformedUpdateException {
        DocumentRequest request = read((int) Math.min(in.readVarUint(), Integer.MAX_VALUE), in);
        in.expectEnd();
        return request;
    }

    private static DocumentRequest read(int type, Lib0Reader in) throws MalformedUpdateException {
        return switch (type) {
            case MessageType.SYNC, MessageType.SYNC_REPLY -> readSync(in);
            case MessageType.AWARENESS -> new DocumentRequest.AwarenessUpdate(in.readVarBytes());
            case MessageType.AWARENESS_QUERY -> new DocumentRequest.AwarenessQuery();
            case MessageType.CONFIRM -> readConfirm(in);
            default -> throw new MalformedUpdateException("not a message that a client may send");
        };
    }

    private static DocumentRequest readSync(Lib0Reader in) throws MalformedUpdateException {
        long step = in.readVarUint();
        byte[] payload = in.readVarBytes();
        if (step > MessageType.SYNC_UPDATE) {
            throw new MalformedUpdateException("not a sync message");
        }
        return step == MessageType.SYNC_STEP_1
                ? new DocumentRequest.Sync(payload)
                : new DocumentRequest.Update(payload);
    }

    private static DocumentRequest readConfirm(Lib0Reader in) throws MalformedUpdateException {
        byte[] mark = in.readVarBytes();
        if (mark.length > MAX_MARK_BYTES) {
            throw new MalformedUpdateException("a mark has at most " + MAX_MARK_BYTES + " bytes");
        }
        return new DocumentRequest.Confirm(mark);
    }
}
