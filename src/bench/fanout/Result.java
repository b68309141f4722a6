package fanout;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The figures of one run of the load generator. Immutable.
 *
 * @param values figures by fanload's names
 * @param failure why there are no figures; null if there are
 */
record Result(Map<String, Double> values, String failure) {
    private static final Pattern FIGURE = Pattern.compile("([\\w.]+)=(-?[\\d.]+)");

    static Result of(String output) {
        Map<String, Double> values = new HashMap<>();
        for (Matcher m = FIGURE.matcher(output); m.find(); ) {
            values.put(m.group(1), Double.valueOf(m.group(2)));
        }
        return new Result(values, null);
    }

    static Result failed(String why) {
        return new Result(Map.of(), why);
    }

    /** Returns the median of each figure, without the runs that have failed; a failed one if there is no other. */
    static Result median(List<Result> runs) {
        List<Result> good = runs.stream().filter(run -> run.failure == null).toList();
        if (good.isEmpty()) {
            return runs.get(0);
        }
        Map<String, Double> values = new HashMap<>();
        for (String name : good.get(0).values.keySet()) {
            double[] sorted =
                    good.stream().mapToDouble(run -> run.get(name)).sorted().toArray();
            values.put(name, sorted[(sorted.length - 1) / 2]);
        }
        return new Result(values, null);
    }

    double get(String name) {
        return values.getOrDefault(name, Double.NaN);
    }

    /** Whether other processes used more than a twentieth of the machine. */
    boolean noisy() {
        return get("others_cores") + get("steal_cores")
                > 0.05 * Runtime.getRuntime().availableProcessors();
    }
}
