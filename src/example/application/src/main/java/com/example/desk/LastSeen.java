package com.example.desk;

import dev.tutti.event.Event;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** When each member of a team last left its room. Tutti's events are CDI events: an observer needs no more than this. Safe for any thread. */
@ApplicationScoped
public class LastSeen {
    /** By user, then by room: bounded, because TeamPolicy lets users into the rooms of their teams only. */
    private final Map<String, Map<String, Instant>> times = new ConcurrentHashMap<>();

    /** Tutti calls observers on a thread of its own; they may block. */
    void left(@Observes Event.MemberLeft event) {
        times.computeIfAbsent(event.user(), user -> new ConcurrentHashMap<>())
                .put(event.room(), Instant.ofEpochMilli(event.timeMillis()));
    }

    /** Returns when a user last left the room of a team; empty if that has not happened since the start. */
    public Optional<Instant> in(String team, String user) {
        return Optional.ofNullable(times.getOrDefault(user, Map.of()).get(Teams.roomOf(team)));
    }
}
