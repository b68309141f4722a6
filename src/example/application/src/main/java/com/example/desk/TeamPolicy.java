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
 * Only members of a team open its room {@code blue-tasks} and its document {@code blue-note}. Tutti finds this bean and asks it, on a thread of its own;
 * it may block.
 */
@ApplicationScoped
public class TeamPolicy implements AccessPolicy {
    /** Nobody publishes in a room: tasks change by REST, and then this application publishes. */
    private static final Set<Action> IN_ROOM = Set.of(READ, PRESENCE);

    private static final Set<Action> IN_DOCUMENT = Set.of(READ, WRITE, PRESENCE);

    @Inject
    private Teams teams;

    @Override
    public CompletionStage<Set<Action>> decide(Question question) {
        return CompletableFuture.completedFuture(rights(question.user(), question.resource()));
    }

    private Set<Action> rights(String user, Resource resource) {
        String team = resource.name().split("-", 2)[0];
        if (!teams.isMember(user, team)) {
            return Set.of();
        }
        return resource.kind() == Resource.Kind.ROOM ? IN_ROOM : IN_DOCUMENT;
    }
}
