package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An update and an awareness update that several members receive, encoded once for each protocol. Confined to the run that makes it. */
final class Broadcast {
    private final byte @Nullable [] update;
    private final byte @Nullable [] awareness;
    private final Map<DocumentProtocol, Batch> batches = new HashMap<>(2);

    /**
     * Broadcasts changes.
     *
     * @param update null if the document has not changed
     * @param awareness null if no awareness state has changed
     */
    Broadcast(byte @Nullable [] update, byte @Nullable [] awareness) {
        this.update = update;
        this.awareness = awareness;
    }

    boolean hasUpdate() {
        return update != null;
    }

    boolean isEmpty() {
        return update == null && awareness == null;
    }

    /** Returns the frames for members of a protocol; null if there are none. */
    @Nullable
    Batch batch(DocumentProtocol protocol) {
        return isEmpty() ? null : batches.computeIfAbsent(protocol, this::encode);
    }

    private Batch encode(DocumentProtocol protocol) {
        List<Frame> frames = new ArrayList<>(2);
        if (update != null) {
            frames.add(protocol.update(update));
        }
        if (awareness != null) {
            frames.add(protocol.awareness(awareness));
        }
        return Batch.of(frames);
    }
}
