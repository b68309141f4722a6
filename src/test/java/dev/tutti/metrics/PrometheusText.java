package dev.tutti.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Metrics as Prometheus reads them, in its text format 0.0.4. A strict reader: each metric is described before its samples and by itself, each
 * series occurs once, and the buckets of a histogram add up. Immutable.
 *
 * @param types by the name of a metric
 * @param samples by the series, such as {@code tutti_connections{endpoint="/ws"}}
 */
public record PrometheusText(Map<String, String> types, Map<String, Double> samples) {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[n\"\\\\])*\"";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") \\S.*");
    private static final Pattern TYPE = Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram)");
    private static final Pattern SAMPLE =
            Pattern.compile("(" + NAME + ")(\\{" + LABEL + "(?:," + LABEL + ")*})? (\\S+)");
    private static final Pattern BUCKET = Pattern.compile("(" + NAME + ")_bucket\\{(.*?),?le=\"([^\"]+)\"}");

    /** Reads a text; fails if it breaks a rule. */
    public static PrometheusText parse(String text) {
        assertThat(text).endsWith("\n").doesNotContain("\r", "\n\n");
        Map<String, String> types = new LinkedHashMap<>();
        Map<String, Double> samples = new LinkedHashMap<>();
        Set<String> described = new HashSet<>();
        String metric = "";
        for (String line : text.lines().toList()) {
            Matcher help = HELP.matcher(line);
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (help.matches()) {
                metric = help.group(1);
                assertThat(described.add(metric)).as(line).isTrue();
            } else if (type.matches()) {
                assertThat(type.group(1)).as(line).isEqualTo(metric);
                assertThat(types.put(metric, type.group(2))).as(line).isNull();
            } else {
                assertThat(sample.matches()).as(line).isTrue();
                assertThat(metricOf(sample.group(1), types.getOrDefault(metric, "")))
                        .as(line)
                        .isEqualTo(metric);
                String series = sample.group(1) + (sample.group(2) == null ? "" : sample.group(2));
                assertThat(samples.put(series, number(sample.group(3))))
                        .as(line)
                        .isNull();
            }
        }
        checkHistograms(samples);
        return new PrometheusText(types, samples);
    }

    private static String metricOf(String sample, String type) {
        if (type.equals("histogram")) {
            return sample.replaceAll("_(bucket|sum|count)$", "");
        }
        assertThat(sample.endsWith("_total")).as(sample).isEqualTo(type.equals("counter"));
        return sample;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static void checkHistograms(Map<String, Double> samples) {
        Map<String, List<double[]>> buckets = new LinkedHashMap<>();
        samples.forEach((series, value) -> {
            Matcher bucket = BUCKET.matcher(series);
            if (bucket.matches()) {
                String labels = bucket.group(2).isEmpty() ? "" : "{" + bucket.group(2) + "}";
                buckets.computeIfAbsent(bucket.group(1) + "_count" + labels, key -> new ArrayList<>())
                        .add(new double[] {number(bucket.group(3)), value});
            }
        });
        buckets.forEach((count, bounds) -> {
            for (int i = 1; i < bounds.size(); i++) {
                assertThat(bounds.get(i)[0]).as(count).isGreaterThan(bounds.get(i - 1)[0]);
                assertThat(bounds.get(i)[1]).as(count).isGreaterThanOrEqualTo(bounds.get(i - 1)[1]);
            }
            double[] last = bounds.get(bounds.size() - 1);
            assertThat(last[0]).as(count).isInfinite();
            assertThat(last[1]).as(count).isEqualTo(samples.get(count));
        });
    }

    /** Returns the value of a series; fails if there is none. */
    public long value(String series) {
        assertThat(samples).containsKey(series);
        return Math.round(samples.get(series));
    }

    /** Returns the names of the labels of a metric, without those of buckets. */
    public Set<String> labels(String metric) {
        Set<String> labels = new HashSet<>();
        samples.keySet().forEach(series -> {
            if (series.matches(Pattern.quote(metric) + "(_bucket|_sum|_count)?(\\{.*)?")) {
                Matcher label = Pattern.compile("[{,](\\w+)=\"").matcher(series);
                while (label.find()) {
                    labels.add(label.group(1));
                }
            }
        });
        labels.remove("le");
        return labels;
    }
}
