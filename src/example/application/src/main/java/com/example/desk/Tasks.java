package com.example.desk;

import dev.tutti.Tutti;
import dev.tutti.hub.Position;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * The tasks of all teams. Publishes each change in the room of the team, so that open pages show it. A real application keeps them in a database, and
 * publishes after the commit. Safe for any thread.
 */
@ApplicationScoped
public class Tasks {
    /** The most tasks of a team. */
    static final int MAX = 100;

    @Inject
    private Tutti tutti;

    /** By team and id. Guarded by this. */
    private final Map<String, Map<Integer, Task>> tasks = new HashMap<>();

    /** Returns the tasks of a team, the oldest first. */
    public synchronized List<Task> of(String team) {
        return new ArrayList<>(byId(team).values());
    }

    /** Adds a task; empty if the team has too many. The stage completes when the task is on its way to the members. */
    public synchronized Optional<CompletionStage<Task>> add(String team, Task.Draft draft) {
        int id = byId(team).size() + 1;
        return id > MAX ? Optional.empty() : Optional.of(keep(team, Task.first(id, draft)));
    }

    /** Changes a task; empty if there is none. The stage completes when the change is on its way to the members. */
    public synchronized Optional<CompletionStage<Task>> change(String team, int id, Task.Draft draft) {
        return Optional.ofNullable(byId(team).get(id)).map(task -> keep(team, task.changed(draft)));
    }

    /** Within the monitor, so that changes are published in their order; publish does not block. */
    private CompletionStage<Task> keep(String team, Task task) {
        CompletionStage<Position> published = tutti.publish(Teams.roomOf(team), task);
        byId(team).put(task.id(), task);
        return published.thenApply(position -> task);
    }

    private Map<Integer, Task> byId(String team) {
        return tasks.computeIfAbsent(team, key -> new TreeMap<>());
    }
}
