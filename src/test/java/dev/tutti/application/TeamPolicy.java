package dev.tutti.application;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.Action;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A policy of another application in the same WAR, as in docs/access.md: the role {@code blue} opens the rooms and documents {@code blue-…}. */
public class TeamPolicy implements AccessPolicy {
    private static final Set<Action> MEMBER = Set.of(Action.READ, Action.WRITE, Action.PRESENCE);

    @Override
    public CompletionStage<Set<Action>> decide(Question question) {
        String team = question.resource().name().split("-", 2)[0];
        boolean isMember = question.roles().contains(team); // or a query of your database, which may block
        return CompletableFuture.completedFuture(isMember ? MEMBER : Set.of());
    }
}
