package dev.tutti.hub;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Broadcasts of a run, encoded for the clients of one protocol. Immutable.
 *
 * @param list the batches in their order; empty if these clients receive none of the broadcasts
 * @param publications that the batches hold
 */
record RunBatches(List<Batch> list, int publications) {
    /** Bytes after which another batch starts, so that one batch stays well below the queue limit of a client. */
    private static final int MAX_BATCH_BYTES = 128 * 1024;

    /** Encodes broadcasts of a room. */
    static RunBatches of(String room, List<ShardEvent.Broadcast> broadcasts, Protocol protocol) {
        List<Batch> batches = new ArrayList<>(1);
        List<Frame> frames = new ArrayList<>(broadcasts.size());
        int bytes = 0;
        int publications = 0;
        for (ShardEvent.Broadcast broadcast :
                protocol.receivesPresence() ? withoutObsoleteStates(broadcasts) : broadcasts) {
            Frame frame = broadcast.frame(room, protocol);
            if (frame == null) {
                continue;
            }
            if (!frames.isEmpty() && bytes + frame.wireBytes() > MAX_BATCH_BYTES) {
                batches.add(Batch.ofLines(frames, protocol.maxSharedFrameBytes()));
                frames.clear();
                bytes = 0;
            }
            frames.add(frame);
            bytes += frame.wireBytes();
            publications += broadcast.event() instanceof Publication ? 1 : 0;
        }
        if (!frames.isEmpty()) {
            batches.add(Batch.ofLines(frames, protocol.maxSharedFrameBytes()));
        }
        return new RunBatches(batches, publications);
    }

    /** Drops each state that a later one of the same client follows. */
    private static List<ShardEvent.Broadcast> withoutObsoleteStates(List<ShardEvent.Broadcast> some) {
        if (some.size() == 1) {
            return some;
        }
        Set<String> clients = new HashSet<>();
        List<ShardEvent.Broadcast> kept = new ArrayList<>(some.size());
        for (int i = some.size() - 1; i >= 0; i--) {
            ShardEvent.Broadcast broadcast = some.get(i);
            if (!(broadcast.event() instanceof RoomEvent.PresenceChanged presence)
                    || clients.add(presence.member().client())) {
                kept.add(broadcast);
            }
        }
        Collections.reverse(kept);
        return kept;
    }
}
