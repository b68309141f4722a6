package dev.tutti.cluster;

import dev.tutti.hub.Position;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/** The observations of all clients of a cluster, and the faults in them. Safe for any thread. */
final class ClusterRecord {
    /** Breaches of a promise. */
    enum Fault {
        /** A client was not told that it has missed something. */
        GAP,
        /** A publication is in the room twice. */
        DOUBLE,
        /** Two clients have received different publications at one position. */
        ORDER,
        /** An acknowledged publication is not in the history. */
        MISSING,
        /** An event of a member does not agree with the list. */
        MEMBERS,
        /** An edit of a document is missing or there twice, or editors differ. */
        EDITS,
        /** A request was refused for another reason than that Redis is away. */
        ERROR
    }

    // All below: guarded by this.
    /** The data of each publication that a client has received. */
    private final Map<Position, String> received = new HashMap<>();
    /** By epoch and data. */
    private final Map<List<String>, Long> offsets = new HashMap<>();
    /** By data. */
    private final Map<String, Position> acknowledged = new HashMap<>();

    private final Set<String> epochs = new TreeSet<>();
    private final Map<Fault, List<String>> faults = new EnumMap<>(Fault.class);
    private int recoveries;
    private int recoveriesElsewhere;
    private int losses;
    private int needlessLosses;
    private int acknowledgements;
    private long longestWaitNanos;
    private int lostAfterAll;
    private int refusals;

    synchronized void fault(Fault fault, String details) {
        faults.computeIfAbsent(fault, of -> new ArrayList<>()).add(details);
    }

    /** A client has received a publication: all must receive the same at a position, and each data at one offset of an epoch only. */
    synchronized void received(Position at, String data) {
        epochs.add(at.epoch());
        String before = received.putIfAbsent(at, data);
        if (before == null) {
            Long other = offsets.putIfAbsent(List.of(at.epoch(), data), at.offset());
            if (other != null) {
                fault(Fault.DOUBLE, data + " was published twice: at " + other + " and " + at);
            }
        } else if (!before.equals(data)) {
            fault(Fault.ORDER, "at " + at + ": " + before + " and " + data);
        }
    }

    /** @param waitedNanos the time since it was published for the first time */
    synchronized void acknowledged(Position at, String data, long waitedNanos) {
        acknowledged.put(data, at);
        acknowledgements++;
        longestWaitNanos = Math.max(longestWaitNanos, waitedNanos);
    }

    /**
     * Compares what clients of a room have received and got acknowledged with its history, and forgets the acknowledgements.
     *
     * @param prefix of the data of the room
     * @param retained the history by offset
     * @param mayHaveLost Redis may have lost what was acknowledged in an earlier epoch
     */
    synchronized void compare(String prefix, String epoch, SortedMap<Long, String> retained, boolean mayHaveLost) {
        Map<String, Long> found = new HashMap<>();
        retained.forEach((offset, data) -> {
            Long other = found.put(data, offset);
            if (other != null) {
                fault(Fault.DOUBLE, data + " is in the history twice: at " + other + " and " + offset);
            }
            String before = received.get(new Position(epoch, offset));
            if (before != null && !before.equals(data)) {
                fault(Fault.ORDER, "at " + offset + " of the history: " + data + " instead of " + before);
            }
        });
        acknowledged.forEach((data, at) -> {
            if (!data.startsWith(prefix) || data.equals(retained.get(at.offset()))) {
                return;
            }
            if (mayHaveLost && !at.epoch().equals(epoch)) {
                lostAfterAll++;
            } else {
                fault(Fault.MISSING, data + " at " + at + ", the history is of " + epoch);
            }
        });
        acknowledged.keySet().removeIf(data -> data.startsWith(prefix));
    }

    synchronized void recovered(boolean isOtherServer) {
        recoveries++;
        recoveriesElsewhere += isOtherServer ? 1 : 0;
    }

    /** A client was told that it may have missed something. */
    synchronized void lost(boolean isSameEpoch) {
        losses++;
        needlessLosses += isSameEpoch ? 1 : 0;
    }

    synchronized void refused() {
        refusals++;
    }

    synchronized int refusals() {
        return refusals;
    }

    synchronized int recoveriesElsewhere() {
        return recoveriesElsewhere;
    }

    synchronized int losses() {
        return losses;
    }

    synchronized int acknowledgements() {
        return acknowledgements;
    }

    /** Returns the losses told although the epoch was the same and the history went back far enough. */
    synchronized int needlessLosses() {
        return needlessLosses;
    }

    /** Returns the acknowledged publications that Redis has lost with all clients told. */
    synchronized int lostAfterAll() {
        return lostAfterAll;
    }

    /** Returns and forgets the longest time from a publication to its acknowledgement. */
    synchronized long takeLongestWaitNanos() {
        long longest = longestWaitNanos;
        longestWaitNanos = 0;
        return longest;
    }

    synchronized Map<Fault, List<String>> faults() {
        return Map.copyOf(faults);
    }

    synchronized int count(Fault fault) {
        return faults.getOrDefault(fault, List.of()).size();
    }

    /** Returns the acknowledged publications of an epoch that nobody has received at their position. */
    synchronized List<String> missing(String epoch) {
        return acknowledged.entrySet().stream()
                .filter(entry -> entry.getValue().epoch().equals(epoch))
                .filter(entry -> !entry.getKey().equals(received.get(entry.getValue())))
                .map(Object::toString)
                .toList();
    }

    @Override
    public synchronized String toString() {
        return acknowledgements + " acknowledged, " + received.size() + " positions in " + epochs.size()
                + " epochs, " + recoveries + " recoveries, " + recoveriesElsewhere + " of them on another server, "
                + losses + " losses told, " + refusals + " refusals, faults: " + faults;
    }
}
