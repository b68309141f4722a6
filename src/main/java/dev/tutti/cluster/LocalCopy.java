package dev.tutti.cluster;

import dev.tutti.hub.History;
import dev.tutti.hub.HistoryMemory;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.Position;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import java.util.List;
import java.util.Map;

/**
 * The copy of a room's publications on this server, which ends with the last one that was delivered here. It holds what Redis retains, or less if the
 * histories of all rooms need too much memory. Guarded by its log's room.
 */
final class LocalCopy {
    private static final long MILLI = 1_000_000L;

    private final HistoryRule rule;
    private final HistoryMemory memory;
    private final TimeSource time;
    private History history;

    /** Makes an empty copy, at a position of an epoch that does not exist. */
    LocalCopy(HistoryRule rule, RoomLogs.Context context) {
        this.rule = rule;
        this.memory = context.memory();
        this.time = context.time();
        this.history = empty(new Position("", 0));
    }

    /** Returns the publications, for reading. */
    History history() {
        return history;
    }

    /** Replaces this copy by the history in Redis. */
    void replace(Retained retained) {
        clear();
        List<Entry> entries = retained.withoutGap();
        Position top = retained.top();
        history = empty(new Position(top.epoch(), top.offset() - entries.size()));
        long nowNanos = time.nanos();
        for (Entry entry : entries) {
            long ageMillis = Math.max(0, retained.nowMillis() - entry.atMillis());
            add(entry, nowNanos - ageMillis * MILLI);
        }
    }

    private History empty(Position last) {
        History empty = new History(last.epoch(), Map.of(), rule);
        empty.startAfter(last.offset());
        return empty;
    }

    /** Adds the next publication, which has just been appended. */
    void add(Entry entry) {
        add(entry, time.nanos());
    }

    private void add(Entry entry, long addedAtNanos) {
        memory.count(history.add(entry.publication(), entry.key(), addedAtNanos));
        memory.shrink(history);
    }

    /** Drops publications that are too old. */
    void trim(long nowNanos) {
        memory.count(history.trim(nowNanos));
    }

    /** Drops the publications up to an offset. */
    void dropUpTo(long offset) {
        while (!history.isEmpty() && history.earliest() <= offset) {
            memory.count(history.dropEarliest());
        }
    }

    /** Drops all publications; the position stays. */
    void clear() {
        memory.count(history.clear());
    }
}
