package dev.tutti.security;

import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * The application's own decision about the rights of its users. An application puts a class that implements this into its WAR; Tutti finds it by
 * {@link java.util.ServiceLoader}, or as a bean where there is CDI (docs/access.md, "Rights by your own code").
 *
 * <p>Tutti asks when a user opens a room or a document, and again from time to time while it is open. It remembers an answer for a short time, and
 * asks the same question once at a time. Implementations are safe for any thread. They may block: few threads of their own call them. A call
 * that takes longer than the setting {@code access-answer-seconds} is interrupted. Without an answer in this time, or with a failure, the user
 * gets nothing, and may try again.
 */
@FunctionalInterface
public interface AccessPolicy {
    /**
     * Decides about a user and a room or a document.
     *
     * @return the granted actions, empty for none; they add to those that rules and the user's token grant. Any thread may complete the stage
     */
    CompletionStage<Set<Action>> decide(Question question);

    /**
     * May this user do something with this room or document? Immutable.
     *
     * @param user name of the user; empty for an anonymous guest
     * @param roles of the user, from the token
     * @param resource the room or the document, or {@link Resource#ALL_DOCUMENTS}
     */
    record Question(String user, Set<String> roles, Resource resource) {
        /** Copies the roles. */
        public Question {
            roles = Set.copyOf(roles);
        }

        /** Returns the question about the rights of an identity. */
        public static Question of(Identity identity, Resource resource) {
            return new Question(identity.user(), identity.roles(), resource);
        }
    }
}
