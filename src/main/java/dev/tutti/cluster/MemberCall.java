package dev.tutti.cluster;

import dev.tutti.hub.MembersUpdate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The changes of members of one call of {@link Script#MEMBER}, by room. Confined to one thread at a time. */
final class MemberCall {
    private final Map<RedisLog, List<MembersUpdate.Change>> changes = new LinkedHashMap<>();

    void add(RedisLog log, MembersUpdate.Change change) {
        changes.computeIfAbsent(log, of -> new ArrayList<>(1)).add(change);
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Returns the part of the rooms; there is at least one change. */
    int part() {
        return changes.keySet().iterator().next().keys().part();
    }

    /** Returns the rooms. */
    Set<RedisLog> logs() {
        return changes.keySet();
    }

    List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (RedisLog log : changes.keySet()) {
            if (keys.isEmpty()) {
                keys.add(log.keys().servers());
            }
            keys.addAll(log.keys().withMembers());
        }
        return keys;
    }

    /** Returns the arguments; see the script. */
    List<byte[]> arguments(String generations, String server, long clockShiftMillis) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(AppendCall.bytes(clockShiftMillis));
        arguments.add(AppendCall.bytes(generations));
        arguments.add(AppendCall.bytes(server));
        arguments.add(AppendCall.bytes(changes.size()));
        changes.forEach((log, all) -> {
            arguments.add(AppendCall.bytes(log.keys().channel()));
            arguments.add(AppendCall.bytes(log.newEpoch()));
            arguments.add(AppendCall.bytes(log.maxListed()));
            arguments.add(AppendCall.bytes(RedisLog.MAX_LIST_BYTES));
            arguments.add(AppendCall.bytes(log.keptMillis()));
            arguments.add(AppendCall.bytes(all.size()));
            for (MembersUpdate.Change change : all) {
                arguments.add(AppendCall.bytes(change.client()));
                arguments.add(change instanceof MembersUpdate.Put put ? MemberEntry.encode(put.member()) : new byte[0]);
            }
        });
        return arguments;
    }
}
