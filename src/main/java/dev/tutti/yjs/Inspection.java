package dev.tutti.yjs;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads an update to its end before a document lets it in, so that nothing of a bad one gets in, and counts what of it would be
 * parked. Confined to one call.
 */
final class Inspection {
    private final Map<Long, ClientStructs> clients;
    /** How far the update itself takes a client's clock. */
    private final Map<Long, Integer> reached = new HashMap<>();

    private final ClockRanges missing = new ClockRanges();
    private long bytes;
    private int entries;

    Inspection(Map<Long, ClientStructs> clients) {
        this.clients = clients;
    }

    /** Refuses bytes that are no update. */
    void read(byte[] update) throws MalformedUpdateException {
        UpdateReader in = new UpdateReader(update);
        while (in.nextClient()) {
            readStructs(in);
        }
        while (in.nextDeletes()) {
            countDeletes(in.client(), in.deletes());
        }
    }

    private void readStructs(UpdateReader in) throws MalformedUpdateException {
        ClientStructs held = clients.get(in.client());
        int known = reached(in.client(), held);
        int before = known;
        while (in.hasStruct()) {
            int at = in.position();
            Struct struct = in.nextStruct();
            if (struct.clock <= known) {
                known = Math.max(known, struct.kind == Kind.SKIP ? known : struct.end());
            } else if (struct.kind != Kind.SKIP && isMissing(held, struct.clock, struct.end())) {
                bytes += in.position() - at;
                entries++;
            }
        }
        if (known > before) {
            reached.put(in.client(), known);
        }
    }

    private void countDeletes(long client, ClockRanges deletes) {
        ClientStructs held = clients.get(client);
        int known = reached(client, held);
        for (int i = deletes.size() - 1; i >= 0 && deletes.to(i) > known; i--) {
            int from = Math.max(known, deletes.from(i));
            int to = deletes.to(i);
            if (isMissing(held, from, to) && (held == null || !held.parksDelete(from, to))) {
                entries++;
            }
        }
    }

    private int reached(long client, @Nullable ClientStructs held) {
        Integer reached = this.reached.get(client);
        return reached != null ? reached : held == null ? 0 : held.known();
    }

    private boolean isMissing(@Nullable ClientStructs held, int from, int to) {
        if (held == null) {
            return true;
        }
        missing.clear();
        held.addMissing(from, to, missing);
        return !missing.isEmpty();
    }

    /** Returns the bytes of the structs that would be parked and are not yet. */
    long bytes() {
        return bytes;
    }

    /** Returns how many structs and ranges of deletes would be parked and are not yet. */
    int entries() {
        return entries;
    }
}
