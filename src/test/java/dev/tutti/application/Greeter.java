package dev.tutti.application;

import dev.tutti.Tutti;
import dev.tutti.event.Event;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/** A bean of another application in the same WAR: publishes in {@code blue-doors} when {@code blue-lobby} is opened. */
@ApplicationScoped
public class Greeter {
    @Inject
    private Tutti tutti;

    void opened(@Observes Event.RoomOccupied event) {
        if (event.room().equals("blue-lobby")) {
            var unused = tutti.publish("blue-doors", event.room() + " is open");
        }
    }
}
