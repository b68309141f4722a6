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
 * publications. Immutable.
 */
record PositionCheck(List<RedisLog> logs) {
    /** Rooms of one call. */
    private static final int MAX_ROOMS = 256;

    /** As in the scripts: how long the position of a quiet room is kept beyond its history. */
    private static final long SPARE_MILLIS = 600_000;

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

    List<String> keys() {
        return logs.stream().map(log -> log.keys().state()).toList();
    }

    List<byte[]> arguments() {
        return logs.stream()
                .map(log -> AppendCall.bytes(log.maxAgeMillis() + SPARE_MILLIS))
                .toList();
    }

    /** Tells each log the position. */
    void answered(List<?> answer) {
        for (int i = 0; i < logs.size(); i++) {
            String epoch = ScriptAnswers.text(answer.get(2 * i));
            logs.get(i).follower().checked(new Position(epoch, ScriptAnswers.number(answer.get(2 * i + 1))));
        }
    }
}
