package com.example.desk;

import static dev.tutti.security.Action.PRESENCE;
import static dev.tutti.security.Action.READ;
import static dev.tutti.security.Action.WRITE;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.Action;
import dev.tutti.security.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A member of a team opens its room and its note, and nothing else. Tutti finds this bean, and asks it on a thread of its own; it may block. Immutable.
 */
@ApplicationScoped
public class TeamPolicy implements AccessPolicy {
    /** Nobody publishes in a room: tasks change by REST, and then this application publishes. */
    private static final Set<Action> IN_ROOM = Set.of(READ, PRESENCE);

    private static final Set<Action> IN_NOTE = Set.of(READ, WRITE, PRESENCE);

    @Inject
    private Teams teams;

    @Override
    public CompletionStage<Set<Action>> decide(Question question) {
        return CompletableFuture.completedFuture(rights(question.user(), question.resource()));
    }

    private Set<Action> rights(String user, Resource resource) {
        for (String team : teams.teamsOf(user)) {
            if (resource.equals(Resource.room(Teams.roomOf(team)))) {
                return IN_ROOM;
            }
            if (resource.equals(Resource.document(Teams.noteOf(team)))) {
                return IN_NOTE;
            }
        }
        return Set.of();
    }
}
