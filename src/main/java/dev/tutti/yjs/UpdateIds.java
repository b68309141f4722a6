package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The clocks of an update's structs and deletes, without content. {@link YDocument#encode(UpdateIds)} makes the update again. Immutable.
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

    private UpdateIds() {}

    /**
     * Reads the ids of an update.
     *
     * @throws MalformedUpdateException if the bytes are no update
     */
    public static UpdateIds of(byte[] update) throws MalformedUpdateException {
        UpdateIds ids = new UpdateIds();
        UpdateReader in = new UpdateReader(update);
        while (in.nextClient()) {
            ClockRanges structs = ids.ranges(in.client()).structs;
            while (in.hasStruct()) {
                Struct struct = in.nextStruct();
                if (struct.kind != Kind.SKIP) {
                    structs.add(struct.clock, struct.end());
                }
            }
        }
        while (in.nextDeletes()) {
            ids.ranges(in.client()).deletes.addAll(in.deletes());
        }
        ids.clients.values().forEach(ranges -> {
            ranges.structs.normalize();
            ranges.deletes.normalize();
        });
        return ids;
    }

    private Ranges ranges(long client) {
        return clients.computeIfAbsent(client, key -> new Ranges());
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
