package dev.tutti.cluster;

import dev.tutti.hub.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The observations of all clients of a cluster, and the faults in them. Safe for any thread. */
final class ClusterRecord {
    // All below: guarded by this.
    /** The data of each publication that a client has received. */
    private final Map<Position, String> received = new HashMap<>();
    /** By epoch and data. */
    private final Map<List<String>, Long> offsets = new HashMap<>();
    /** By data. */
    private final Map<String, Position> acknowledged = new HashMap<>();

    private final Set<String> epochs = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();
    private int recoveries;
    private int recoveriesElsewhere;
    private int losses;
    private int refusals;

    synchronized void fault(String fault) {
        faults.add(fault);
    }

    /** A client has received a publication: all must receive the same at a position, and each data at one offset of an epoch only. */
    synchronized void received(Position at, String data) {
        epochs.add(at.epoch());
        String before = received.putIfAbsent(at, data);
        if (before == null) {
            Long other = offsets.putIfAbsent(List.of(at.epoch(), data), at.offset());
            if (other != null) {
                faults.add(data + " was published twice: at " + other + " and " + at);
            }
        } else if (!before.equals(data)) {
            faults.add("at " + at + ": " + before + " and " + data);
        }
    }

    synchronized void acknowledged(Position at, String data) {
        acknowledged.put(data, at);
    }

    synchronized void recovered(boolean isOtherServer) {
        recoveries++;
        recoveriesElsewhere += isOtherServer ? 1 : 0;
    }

    synchronized void lost() {
        losses++;
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
        return acknowledged.size();
    }

    synchronized List<String> faults() {
        return List.copyOf(faults);
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
        return acknowledged.size() + " acknowledged, " + received.size() + " positions in " + epochs.size()
                + " epochs, " + recoveries + " recoveries, " + recoveriesElsewhere + " of them on another server, "
                + losses + " losses told, " + refusals + " refusals, " + faults.size() + " faults";
    }
}
