package dev.tutti.cluster;

import dev.tutti.hub.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One call of {@link Script#CHECK}: it compares the positions of rooms of one part with those of Redis, because a room may have missed its last
 * messages. It also shows that this server is alive. Immutable.
 */
record PositionCheck(List<RedisLog> logs) {
    /** Rooms of one call. */
    private static final int MAX_ROOMS = 256;

    /** The values of one room in an answer. */
    private static final int VALUES = 4;

    /** Returns the calls for some rooms. */
    static List<PositionCheck> of(Stream<RedisLog> logs) {
        Map<Integer, List<RedisLog>> parts = new TreeMap<>();
        logs.forEach(log -> parts.computeIfAbsent(log.keys().part(), part -> new ArrayList<>())
                .add(log));
        return parts.values().stream()
                .map(PositionCheck::ofPart)
                .flatMap(Collection::stream)
                .toList();
    }

    private static List<PositionCheck> ofPart(List<RedisLog> logs) {
        List<PositionCheck> checks = new ArrayList<>();
        for (int from = 0; from < logs.size(); from += MAX_ROOMS) {
            checks.add(new PositionCheck(logs.subList(from, Math.min(logs.size(), from + MAX_ROOMS))));
        }
        return checks;
    }

    int part() {
        return logs.get(0).keys().part();
    }

    List<String> keys() {
        List<String> keys = new ArrayList<>();
        keys.add(logs.get(0).keys().servers());
        for (RedisLog log : logs) {
            keys.add(log.keys().state());
            keys.add(log.keys().members());
        }
        return keys;
    }

    List<byte[]> arguments(String server, long clockShiftMillis) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(AppendCall.bytes(clockShiftMillis));
        arguments.add(AppendCall.bytes(server));
        for (RedisLog log : logs) {
            arguments.add(AppendCall.bytes(log.keys().channel()));
            arguments.add(AppendCall.bytes(log.maxListed()));
            arguments.add(AppendCall.bytes(RedisLog.MAX_LIST_BYTES));
            arguments.add(AppendCall.bytes(log.keptMillis()));
        }
        return arguments;
    }

    /** Tells each log the position. */
    void answered(List<?> answer) {
        for (int i = 0; i < logs.size(); i++) {
            int at = 1 + VALUES * i;
            String epoch = ScriptAnswers.text(answer.get(at));
            logs.get(i)
                    .follower()
                    .checked(
                            new Position(epoch, ScriptAnswers.number(answer.get(at + 1))),
                            ScriptAnswers.number(answer.get(at + 2)),
                            ScriptAnswers.number(answer.get(at + 3)) == 1);
        }
    }
}
