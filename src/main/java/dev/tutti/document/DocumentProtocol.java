package dev.tutti.document;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wire protocol in which one client receives one document: it makes the frames, and {@code document} decides which frames it needs.
 * Immutable and safe for any thread. Equal protocols make equal frames, so a broadcast is encoded once for all members whose protocols are
 * equal.
 *
 * <p>A state vector, an update and an awareness update are bytes as Yjs encodes them.
 */
public interface DocumentProtocol {
    /**
     * Returns the frame that grants a document, sent before all others about it; null if the protocol has none.
     *
     * @param readOnly whether the document ignores the client's updates
     */
    @Nullable
    Frame granted(boolean readOnly);

    /**
     * Returns the frames that a client receives first, before it has asked for anything; may be empty.
     *
     * @param stateVector of the server's document
     */
    List<Frame> greeting(byte[] stateVector);

    /**
     * Returns the frames that follow {@link #syncReply}; may be empty.
     *
     * @param stateVector of the server's document
     */
    List<Frame> afterSyncReply(byte[] stateVector);

    /** Returns the reply to {@link DocumentRequest.Sync}. The update may be large, and is copied once. */
    Frame syncReply(byte[] update);

    /** Returns the frame that carries an update. The update may be large, and is copied once. */
    Frame update(byte[] update);

    /** Returns the frame that carries an awareness update. */
    Frame awareness(byte[] update);

    /** Returns the frame that asks a client for the awareness states that it knows, its own among them. */
    Frame awarenessQuery();

    /** Returns the reply to {@link DocumentRequest.Confirm}. */
    Frame confirmation(byte[] mark);

    /** Returns the acknowledgement of an update that this client sent: it is stored. */
    Frame stored(byte[] update);

    /**
     * Returns whether {@link #stored} equals {@link #update}, so that an update, sent to its author after it is stored, acknowledges itself.
     */
    boolean updateIsAcknowledgement();

    /**
     * Returns the reply to an update of a client that may only read; null if the protocol has none.
     *
     * @param isKnown whether the document already has everything in the update
     */
    @Nullable
    Frame ignored(boolean isKnown);

    /**
     * Returns the frame that refuses a document and leaves the client's other documents open; null if the protocol has none, so that the
     * connection must be closed.
     *
     * @param reason for people
     */
    @Nullable
    Frame denied(String reason);

    /** Returns the close code for a client that sends a malformed message. */
    CloseCode malformed();
}
