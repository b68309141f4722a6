package dev.tutti.cluster;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the model of Redis has of a room. Confined to one thread. */
final class SimulatedRoom {
    /** A publication with its key; "" for none. */
    static final class Stored {
        final byte[] publication;
        final String key;

        Stored(byte[] publication, String key) {
            this.publication = publication;
            this.key = key;
        }
    }

    /** A member as it is encoded, with its server. */
    static final class Member {
        final String server;
        final byte[] encoded;

        Member(String server, byte[] encoded) {
            this.server = server;
            this.encoded = encoded;
        }
    }

    String epoch = "";
    long top;
    String generation = "";
    final TreeMap<Long, Stored> stream = new TreeMap<>();
    long change;
    final Map<String, Member> members = new TreeMap<>();

    SimulatedRoom copy() {
        SimulatedRoom copy = new SimulatedRoom();
        copy.epoch = epoch;
        copy.top = top;
        copy.generation = generation;
        copy.stream.putAll(stream);
        copy.change = change;
        copy.members.putAll(members);
        return copy;
    }

    @Nullable
    Long find(String key) {
        for (Map.Entry<Long, Stored> entry : stream.entrySet()) {
            if (!key.isEmpty() && entry.getValue().key.equals(key)) {
                return entry.getKey();
            }
        }
        return null;
    }

    /** Begins an epoch if there is none, or this Redis is another one. */
    void begin(String newEpoch, String present) {
        if (epoch.isEmpty() || !generation.equals(present)) {
            epoch = newEpoch;
            generation = present;
        }
    }
}
