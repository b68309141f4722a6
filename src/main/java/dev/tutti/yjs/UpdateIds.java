package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The clocks of an update's structs and deletes, without content. {@link YDocument#encode(UpdateIds)} makes the update again. Immutable
 * once its update is applied or read.
 */
public final class UpdateIds {
    private static final int CLIENT_BYTES = 200;
    private static final int RANGE_BYTES = 2 * Long.BYTES;

    /** The ranges of one client, in order. */
    static final class Ranges {
        final ClockRanges structs = new ClockRanges();
        final ClockRanges deletes = new ClockRanges();
    }

    private final NavigableMap<Long, Ranges> clients = new TreeMap<>(Comparator.reverseOrder());

    /** Has no ids yet; {@link YDocument#apply(byte[], Allowance, UpdateIds)} adds those of its update. */
    public UpdateIds() {}

    /** Returns the ids of an update. */
    public static UpdateIds of(byte[] update) throws MalformedUpdateException {
        UpdateIds ids = new UpdateIds();
        UpdateReader in = new UpdateReader(update);
        while (in.nextClient()) {
            while (in.hasStruct()) {
                ids.addStruct(in.client(), in.nextStruct());
            }
        }
        while (in.nextDeletes()) {
            ids.addDeletes(in.client(), in.deletes());
        }
        ids.finish();
        return ids;
    }

    void addStruct(long client, Struct struct) {
        if (struct.kind != Kind.SKIP) {
            ranges(client).structs.add(struct.clock, struct.end());
        }
    }

    void addDeletes(long client, ClockRanges deletes) {
        ranges(client).deletes.addAll(deletes);
    }

    /** Sorts and joins the ranges; no more are added. */
    void finish() {
        clients.values().forEach(ranges -> {
            ranges.structs.normalize();
            ranges.deletes.normalize();
        });
    }

    private Ranges ranges(long client) {
        return clients.computeIfAbsent(client, key -> new Ranges());
    }

    /** Returns whether both have a struct, or both have a delete, with the same id. */
    public boolean intersects(UpdateIds others) {
        for (Map.Entry<Long, Ranges> entry : clients.entrySet()) {
            Ranges own = entry.getValue();
            Ranges other = others.clients.get(entry.getKey());
            if (other != null
                    && (!own.structs.and(other.structs).isEmpty()
                            || !own.deletes.and(other.deletes).isEmpty())) {
                return true;
            }
        }
        return false;
    }

    NavigableMap<Long, Ranges> clients() {
        return clients;
    }

    /** Returns about the bytes of memory that this takes. */
    public long memoryBytes() {
        long bytes = 0;
        for (Ranges ranges : clients.values()) {
            bytes += CLIENT_BYTES + (long) RANGE_BYTES * (ranges.structs.size() + ranges.deletes.size());
        }
        return bytes;
    }
}
