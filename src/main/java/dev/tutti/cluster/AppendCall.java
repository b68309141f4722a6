package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.hub.Draft;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The publications of one call of {@link Script#APPEND}, by room. Confined to one thread at a time. */
final class AppendCall {
    /**
     * The result of one publication.
     *
     * @param isNew whether it was appended; else the position is that of a retained one with its key
     */
    record Result(Position position, boolean isNew) {}

    private final Map<RedisLog, List<Draft>> drafts = new LinkedHashMap<>();
    /** The log of each publication, in the order of {@link #add}. */
    private final List<RedisLog> order = new ArrayList<>();

    void add(RedisLog log, Draft draft) {
        drafts.computeIfAbsent(log, of -> new ArrayList<>(1)).add(draft);
        order.add(log);
    }

    /** Returns the part of the rooms; there is at least one publication. */
    int part() {
        return order.get(0).keys().part();
    }

    List<String> keys() {
        return drafts.keySet().stream()
                .flatMap(log -> log.keys().all().stream())
                .toList();
    }

    /** Returns the arguments; see the script. */
    List<byte[]> arguments(String generations, long clockShiftMillis) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(bytes(clockShiftMillis));
        arguments.add(bytes(generations));
        arguments.add(bytes(drafts.size()));
        drafts.forEach((log, all) -> {
            HistoryRule rule = log.rule();
            arguments.add(bytes(log.keys().channel()));
            arguments.add(bytes(log.newEpoch()));
            arguments.add(bytes(rule.count()));
            arguments.add(bytes(rule.bytes()));
            arguments.add(bytes(log.maxAgeMillis()));
            arguments.add(bytes(all.size()));
            for (Draft draft : all) {
                arguments.add(Entry.encode(draft));
                arguments.add(bytes(Entry.historyBytes(draft)));
                arguments.add(bytes(draft.key() == null ? "" : draft.key()));
            }
        });
        return arguments;
    }

    /** Returns the results in the order of {@link #add}. */
    List<Result> positions(List<?> answer) {
        Map<RedisLog, int[]> next = new LinkedHashMap<>(); // index of the epoch, and of the next offset
        int index = 0;
        for (Map.Entry<RedisLog, List<Draft>> room : drafts.entrySet()) {
            next.put(room.getKey(), new int[] {index, index + 1});
            index += 1 + room.getValue().size();
        }
        if (index != answer.size()) {
            throw new FormatException("an answer of " + answer.size() + " values instead of " + index);
        }
        List<Result> results = new ArrayList<>(order.size());
        for (RedisLog log : order) {
            int[] at = next.getOrDefault(log, new int[2]);
            long offset = ScriptAnswers.number(answer.get(at[1]++));
            results.add(new Result(new Position(ScriptAnswers.text(answer.get(at[0])), Math.abs(offset)), offset > 0));
        }
        return results;
    }

    static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
