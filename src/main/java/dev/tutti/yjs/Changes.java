package dev.tutti.yjs;

import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** What an update brought that a document did not have. Confined to its user. */
final class Changes {
    /** What it brought of one client. */
    static final class Change {
        final ClientStructs structs;
        final ClockRanges inserted = new ClockRanges();
        final ClockRanges deleted = new ClockRanges();

        private Change(ClientStructs structs) {
            this.structs = structs;
        }

        private boolean isEmpty() {
            return inserted.isEmpty() && deleted.isEmpty();
        }
    }

    private final LongFunction<ClientStructs> open;
    private final NavigableMap<Long, Change> byClient = new TreeMap<>(Comparator.reverseOrder());

    /** Makes one that is empty; {@code open} is asked once for each client that is. */
    Changes(LongFunction<ClientStructs> open) {
        this.open = open;
    }

    Change of(long client) {
        return byClient.computeIfAbsent(client, id -> new Change(open.apply(id)));
    }

    void forEach(Consumer<Change> action) {
        byClient.values().forEach(action);
    }

    boolean isEmpty() {
        return byClient.values().stream().allMatch(Change::isEmpty);
    }

    /** Returns the changes as an update: structs as the document has them now. */
    byte[] encode() {
        UpdateWriter out = new UpdateWriter();
        for (Change change : byClient.values()) {
            change.inserted.normalize();
            out.writeStructs(change.structs, change.inserted);
            for (int i = 0; i < change.inserted.size(); i++) {
                change.structs.addDeleted(change.inserted.from(i), change.inserted.to(i), change.deleted);
            }
            change.deleted.normalize();
            out.writeDeletes(change.structs.client(), change.deleted);
        }
        return out.finish();
    }
}
