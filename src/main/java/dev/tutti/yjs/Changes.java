package dev.tutti.yjs;

import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What an update brought that a document did not have. Confined to its user. */
final class Changes {
    /** Of one client. */
    static final class Change {
        private final ClientStructs structs;
        final ClockRanges inserted = new ClockRanges();
        final ClockRanges deleted = new ClockRanges();

        private Change(ClientStructs structs) {
            this.structs = structs;
        }
    }

    private final NavigableMap<Long, Change> byClient = new TreeMap<>(Comparator.reverseOrder());

    Change of(ClientStructs structs) {
        return byClient.computeIfAbsent(structs.client(), client -> new Change(structs));
    }

    /** Returns all clients that were asked for. */
    List<ClientStructs> touched() {
        return byClient.values().stream().map(change -> change.structs).toList();
    }

    boolean isEmpty() {
        return byClient.values().stream().allMatch(change -> change.inserted.isEmpty() && change.deleted.isEmpty());
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
