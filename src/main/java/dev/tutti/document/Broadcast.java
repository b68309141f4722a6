package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What several members are told at once, encoded once for each protocol. Confined to the run that makes it. */
final class Broadcast {
    private final byte @Nullable [] update;
    private final byte @Nullable [] who;
    private final Map<DocumentProtocol, Batch> batches = new HashMap<>(2);

    /**
     * Says what is new in a document, and who is seen in it.
     *
     * @param update null if nothing is new
     * @param who an awareness update; null if nobody came, moved or left
     */
    Broadcast(byte @Nullable [] update, byte @Nullable [] who) {
        this.update = update;
        this.who = who;
    }

    /** Returns whether there is nothing to say. */
    boolean isEmpty() {
        return update == null && who == null;
    }

    /** Returns this as frames of a protocol; null if there is nothing to say. */
    @Nullable
    Batch batch(DocumentProtocol protocol) {
        return isEmpty() ? null : batches.computeIfAbsent(protocol, this::encode);
    }

    private Batch encode(DocumentProtocol protocol) {
        List<Frame> frames = new ArrayList<>(2);
        if (update != null) {
            frames.add(protocol.update(update));
        }
        if (who != null) {
            frames.add(protocol.awareness(who));
        }
        return Batch.of(frames);
    }
}
