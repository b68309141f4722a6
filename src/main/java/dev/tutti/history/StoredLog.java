package dev.tutti.history;

import dev.tutti.document.StoredUpdate;
import dev.tutti.history.LogRow.Keyed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The content of a room's rows. Confined to one thread.
 *
 * <p>Rows that a damaged store has lost leave a gap: then only the publications after it are left. A write that failed may have its effect all the
 * same, and is repeated: then rows overlap.
 */
final class StoredLog {
    /** Upper bound of the ended epochs; a client that was away for longer reads the history again. */
    private static final int MAX_ENDED_EPOCHS = 32;

    private final Map<String, Long> endedEpochs = new LinkedHashMap<>();
    private List<Keyed> publications = new ArrayList<>();
    private @Nullable String epoch;
    private long last;
    private long serial;
    private int damagedRows;
    private final StoredRows rows = new StoredRows();

    private StoredLog() {}

    private record Decoded(LogRow row, long id, int bytes) {}

    /** Reads the rows of a room, in any order. */
    static StoredLog of(List<StoredUpdate> rows) {
        StoredLog log = new StoredLog();
        List<Decoded> decoded = new ArrayList<>();
        for (StoredUpdate row : rows) {
            try {
                decoded.add(new Decoded(LogRowFormat.decode(row.update()), row.id(), row.update().length));
            } catch (IOException e) {
                log.damagedRows++;
                log.rows.add(row.id(), row.update().length);
            }
        }
        decoded.sort(Comparator.comparingLong(each -> each.row.serial()));
        long base = decoded.stream()
                .filter(each -> each.row.isState())
                .mapToLong(each -> each.row.serial())
                .max()
                .orElse(0);
        for (Decoded each : decoded) {
            if (each.row.serial() == base) {
                log.rows.setState(each.id, each.bytes, !each.row.publications().isEmpty());
            } else {
                log.rows.add(each.id, each.bytes);
            }
            if (each.row.serial() >= base) {
                log.add(each.row);
            }
        }
        return log;
    }

    private void add(LogRow row) {
        if (epoch == null) {
            endedEpochs.putAll(row.endedEpochs());
            last = row.first() - 1;
        } else if (row.first() > last + 1) {
            publications = new ArrayList<>();
            last = row.first() - 1;
        }
        beginEpoch(row.epoch());
        for (Keyed keyed : row.publications()) {
            if (keyed.publication().offset() > last) {
                publications.add(keyed);
                last = keyed.publication().offset();
            }
        }
        serial = row.serial();
    }

    /** Begins another epoch after the last publication; nothing happens if it has begun. */
    void beginEpoch(String next) {
        if (epoch != null && !epoch.equals(next)) {
            endedEpochs.put(epoch, last);
        }
        epoch = next;
        while (endedEpochs.size() > MAX_ENDED_EPOCHS) {
            endedEpochs.remove(endedEpochs.keySet().iterator().next());
        }
    }

    /** Returns the epoch of the last publication; null if there is no row. */
    @Nullable
    String epoch() {
        return epoch;
    }

    /** Returns the earlier epochs, the earliest first, each with its last offset. */
    Map<String, Long> endedEpochs() {
        return endedEpochs;
    }

    /** Returns the publications without a gap, up to the last one; they may be more or older than the room retains. */
    List<Keyed> publications() {
        return publications;
    }

    /** Returns the offset of the last publication. */
    long last() {
        return last;
    }

    /** Returns the greatest serial. */
    long serial() {
        return serial;
    }

    /** Returns the rows, all of which a state replaces. */
    StoredRows rows() {
        return rows;
    }

    /** Returns the number of rows that cannot be read. */
    int damagedRows() {
        return damagedRows;
    }
}
