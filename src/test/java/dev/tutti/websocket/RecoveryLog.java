package dev.tutti.websocket;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The observations of all clients. Safe for any thread. */
final class RecoveryLog {
    /** The default number of publications in a room's history. */
    private static final int HISTORY = 300;

    private final AtomicReferenceArray<String> published;
    final Queue<String> faults = new ConcurrentLinkedQueue<>();
    final AtomicInteger recovered = new AtomicInteger();
    final AtomicInteger notRecovered = new AtomicInteger();
    final AtomicInteger missed = new AtomicInteger();
    final AtomicInteger sentAgain = new AtomicInteger();

    /** Guarded by itself, as are the fields below. */
    private final Map<String, Integer> offsets = new HashMap<>();

    private int last;
    private int again;

    /** Creates a log for offsets up to {@code maxOffset}. */
    RecoveryLog(int maxOffset) {
        published = new AtomicReferenceArray<>(maxOffset + 1);
    }

    /** Records a message: all clients must receive the same data at an offset, and each data at one offset only. */
    void record(int offset, String data) {
        String before = published.compareAndExchange(offset, null, data);
        if (before == null) {
            synchronized (offsets) {
                last = Math.max(last, offset);
                Integer other = offsets.put(data, offset);
                if (other != null && Math.abs(offset - other) <= HISTORY) {
                    faults.add(data + " was published twice: " + other + " and " + offset);
                } else if (other != null) {
                    again++; // the room has dropped the first one, with its key
                }
            }
        } else if (!before.equals(data)) {
            faults.add("offset " + offset + ": " + before + " and " + data);
        }
    }

    int published() {
        synchronized (offsets) {
            return offsets.size();
        }
    }

    /** Returns how many messages were published twice because the room had dropped the first. */
    int republished() {
        synchronized (offsets) {
            return again;
        }
    }

    int last() {
        synchronized (offsets) {
            return last;
        }
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    int recovered() {
        return recovered.get();
    }

    int notRecovered() {
        return notRecovered.get();
    }

    int missed() {
        return missed.get();
    }

    int sentAgain() {
        return sentAgain.get();
    }
}
