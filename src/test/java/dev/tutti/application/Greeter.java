package dev.tutti.application;

import dev.tutti.Tutti;
import dev.tutti.event.Event;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/**
 * A bean of another application in the same WAR: publishes in {@code blue-doors} when {@code blue-lobby} is opened, with the open rooms of its own
 * registry of metrics.
 */
@ApplicationScoped
public class Greeter {
    @Inject
    private Tutti tutti;

    @Inject
    private MeterRegistry registry;

    void opened(@Observes Event.RoomOccupied event) {
        if (event.room().equals("blue-lobby")) {
            boolean isMeasured = registry.find("tutti.rooms").gauge() != null;
            var unused =
                    tutti.publish("blue-doors", event.room() + (isMeasured ? " is open and measured" : " is open"));
        }
    }
}
