package dev.tutti.yjs;

import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.HashMap;
import java.util.Map;

/** Compares an update with a document. Stateless. */
final class Containment {
    private Containment() {}

    /** Returns whether the structs of a document have all structs and deletes of an update. */
    static boolean contains(Map<Long, ClientStructs> clients, byte[] update) throws MalformedUpdateException {
        UpdateReader in = new UpdateReader(update);
        Map<ClientStructs, ClockRanges> structs = new HashMap<>();
        Map<ClientStructs, ClockRanges> deletes = new HashMap<>();
        boolean knowsClients = true;
        while (in.nextClient()) {
            ClientStructs held = clients.get(in.client());
            while (in.hasStruct()) {
                Struct struct = in.nextStruct();
                if (held != null && struct.kind != Kind.SKIP) {
                    structs.computeIfAbsent(held, key -> new ClockRanges()).add(struct.clock, struct.end());
                }
                knowsClients &= held != null || struct.kind == Kind.SKIP;
            }
        }
        while (in.nextDeletes()) {
            ClientStructs held = clients.get(in.client());
            if (held != null) {
                deletes.computeIfAbsent(held, key -> new ClockRanges()).addAll(in.deletes());
            }
            knowsClients &= held != null || in.deletes().isEmpty();
        }
        return knowsClients
                && structs.entrySet().stream().allMatch(entry -> contains(entry.getKey(), entry.getValue()))
                && deletes.entrySet().stream().allMatch(entry -> containsDeletes(entry.getKey(), entry.getValue()));
    }

    private static boolean contains(ClientStructs held, ClockRanges structs) {
        structs.normalize();
        ClockRanges missing = new ClockRanges();
        held.addMissing(structs, missing);
        return missing.isEmpty();
    }

    private static boolean containsDeletes(ClientStructs held, ClockRanges deletes) {
        deletes.normalize();
        ClockRanges deleted = new ClockRanges();
        held.addDeleted(deletes, deleted);
        held.addParkedDeletes(deleted);
        deleted.normalize();
        return deletes.without(deleted).isEmpty();
    }
}
