package dev.tutti.http;

import dev.tutti.statistics.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The samples of one server, with the counts of the others at the same moments added. Moments are equal by their age, so that clocks need not agree. A count
 * between two samples of a server lies on the line between both; before the first it is as in the first. Stateless.
 */
final class SampleSum {
    private SampleSum() {}

    /** @param all not empty; the samples of the result are those of the first */
    static List<Sample> of(List<StatisticsJson> all) {
        StatisticsJson first = all.get(0);
        List<List<Sample>> others = new ArrayList<>();
        for (StatisticsJson other : all.subList(1, all.size())) {
            List<Sample> samples = new ArrayList<>(other.samples());
            samples.add(now(other));
            others.add(samples);
        }
        return first.samples().stream()
                .map(sample -> sum(sample, first.server().uptimeMillis() - sample.uptimeMillis(), others))
                .toList();
    }

    private static Sample now(StatisticsJson of) {
        StatisticsJson.ServerFigures figures = of.servers().get(0);
        return new Sample(
                figures.uptimeMillis(),
                figures.clients(),
                figures.received(),
                figures.publications(),
                figures.deliveries(),
                figures.bytes());
    }

    private static Sample sum(Sample own, long ageMillis, List<List<Sample>> others) {
        return new Sample(
                own.uptimeMillis(),
                sum(own, ageMillis, others, Sample::clients),
                sum(own, ageMillis, others, Sample::received),
                sum(own, ageMillis, others, Sample::publications),
                sum(own, ageMillis, others, Sample::deliveries),
                sum(own, ageMillis, others, Sample::bytes));
    }

    private static long sum(Sample own, long ageMillis, List<List<Sample>> others, ToLongFunction<Sample> count) {
        long sum = count.applyAsLong(own);
        for (List<Sample> samples : others) {
            sum += at(samples, ageMillis, count);
        }
        return sum;
    }

    /** @param samples of one server, the last of which is of now */
    private static long at(List<Sample> samples, long ageMillis, ToLongFunction<Sample> count) {
        long uptime = samples.get(samples.size() - 1).uptimeMillis() - ageMillis;
        Sample before = samples.get(0);
        for (Sample sample : samples) {
            if (sample.uptimeMillis() >= uptime) {
                return between(before, sample, uptime, count);
            }
            before = sample;
        }
        return count.applyAsLong(before);
    }

    private static long between(Sample before, Sample after, long uptime, ToLongFunction<Sample> count) {
        long from = count.applyAsLong(before);
        long length = after.uptimeMillis() - before.uptimeMillis();
        long passed = Math.max(0, uptime - before.uptimeMillis());
        return length <= 0 ? from : from + Math.round((count.applyAsLong(after) - from) * (double) passed / length);
    }
}
