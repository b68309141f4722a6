package dev.tutti.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The registries of an application's meters: its own, which Prometheus reads, and those that other code of the same WAR adds. They open at the
 * first use: loading their libraries takes a tenth of a second, which the start of the server saves. Safe for any thread.
 */
final class Registries {
    /** Meters that wait for {@link #open}. Guarded by this. */
    private final List<Consumer<MeterRegistry>> pending = new ArrayList<>();

    /** Registries of other code. Guarded by this. */
    private final List<MeterRegistry> added = new ArrayList<>();

    /** Written once, under the lock. */
    private volatile @Nullable Opened opened;

    /** An object of its own, so that the classes of Micrometer load with it. */
    private record Opened(PrometheusMeterRegistry prometheus, CompositeMeterRegistry all) {
        static Opened create() {
            PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            CompositeMeterRegistry all = new CompositeMeterRegistry();
            all.add(prometheus);
            return new Opened(prometheus, all);
        }
    }

    /** Adds a meter to all registries, at once or when they open. */
    synchronized void register(Consumer<MeterRegistry> meter) {
        Opened registries = opened;
        if (registries == null) {
            pending.add(meter);
        } else {
            meter.accept(registries.all);
        }
    }

    /** Creates the registries, with the meters that wait; does nothing at the next call. */
    void open() {
        Opened unused = registries();
    }

    private Opened registries() {
        Opened current = opened;
        return current == null ? create() : current;
    }

    private synchronized Opened create() {
        if (opened == null) {
            Opened created = Opened.create();
            pending.forEach(meter -> meter.accept(created.all));
            pending.clear();
            opened = created;
        }
        return Objects.requireNonNull(opened);
    }

    /** Adds a registry of other code. */
    synchronized void add(MeterRegistry registry) {
        added.add(registry);
        registries().all.add(registry);
    }

    /** Returns the values of all meters as text, in the format of a media type of Prometheus or OpenMetrics. */
    String write(String contentType) {
        return registries().prometheus.scrape(contentType);
    }

    /** Removes the meters from the registries of other code. */
    synchronized void close() {
        Opened registries = opened;
        if (registries == null) {
            return;
        }
        for (MeterRegistry registry : added) {
            registries.all.remove(registry);
            for (Meter meter : registries.all.getMeters()) {
                registry.removeByPreFilterId(meter.getId());
            }
        }
        added.clear();
        registries.prometheus.close();
    }
}
