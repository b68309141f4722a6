package dev.tutti.application;

import dev.tutti.Tutti;
import dev.tutti.event.Event;
import dev.tutti.event.TuttiListener;

/** A listener of another application in the same WAR: publishes in {@code blue-attendance} who enters the other rooms. */
public class Attendance implements TuttiListener {
    private static final String ROOM = "blue-attendance";

    @Override
    public void memberEntered(Event.MemberEntered event) {
        if (!event.room().equals(ROOM)) {
            var unused = Tutti.current().publish(ROOM, event.user() + " is in " + event.room());
        }
    }
}
