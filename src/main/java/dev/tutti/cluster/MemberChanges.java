package dev.tutti.cluster;

import dev.tutti.hub.MembersUpdate;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The changes of members of one part that wait for a call: of each client the last one, which needs no memory besides that of the member. Guarded by its
 * {@link AppendQueue}.
 */
final class MemberChanges {
    /** A change of one client in one room. */
    private record Subject(RedisLog log, String client) {}

    /** Changes after which a call takes no more: a script that runs for long delays all other rooms. */
    private static final int MAX_CALL_COUNT = 1_000;

    private static final int MAX_CALL_BYTES = 256 << 10;

    private final Map<Subject, MembersUpdate.Put> entering = new LinkedHashMap<>();
    private final Map<Subject, MembersUpdate.Removed> leaving = new LinkedHashMap<>();

    void add(RedisLog log, MembersUpdate.Change change) {
        Subject subject = new Subject(log, change.client());
        if (change instanceof MembersUpdate.Put put) {
            leaving.remove(subject);
            entering.put(subject, put);
        } else if (change instanceof MembersUpdate.Removed removed) {
            entering.remove(subject);
            leaving.put(subject, removed);
        }
    }

    /** Drops the waiting changes of a client. */
    void remove(RedisLog log, String client) {
        Subject subject = new Subject(log, client);
        entering.remove(subject);
        leaving.remove(subject);
    }

    /** Removes and returns the next members that enter or have another state. */
    MemberCall takeEntering() {
        return take(entering);
    }

    /** Removes and returns the next members that leave. */
    MemberCall takeLeaving() {
        return take(leaving);
    }

    private static MemberCall take(Map<Subject, ? extends MembersUpdate.Change> from) {
        MemberCall call = new MemberCall();
        int bytes = 0;
        int count = 0;
        var next = from.entrySet().iterator();
        while (next.hasNext() && count < MAX_CALL_COUNT && bytes < MAX_CALL_BYTES) {
            var entry = next.next();
            MembersUpdate.Change change = entry.getValue();
            call.add(entry.getKey().log(), change);
            bytes += change instanceof MembersUpdate.Put put ? put.member().bytes() : 0;
            count++;
            next.remove();
        }
        return call;
    }

    /** Drops all: the next connection reads each room, and then puts the members that it lacks. */
    void clear() {
        entering.clear();
        leaving.clear();
    }
}
