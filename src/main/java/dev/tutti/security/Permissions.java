package dev.tutti.security;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the actions of an identity. Only {@link Access} asks. Implementations are safe for any thread and do not block: the caller
 * serves a connection.
 *
 * <p>Some permissions have to ask an application first. Then {@link #prepare} returns a stage, and the caller waits for it before it continues.
 * A caller that does not is refused.
 */
@FunctionalInterface
public interface Permissions {
    /** Allows everything to everyone. */
    Permissions ALLOW_ALL = (identity, action, resource) -> true;

    /** Questions that an application may be asked at the same time, each on a thread that it may block. */
    int QUESTIONS_AT_ONCE = 16;

    /**
     * Returns whether an identity may do something with a room, a document or the server.
     *
     * @throws UnavailableException if that is not known
     */
    boolean allow(Identity identity, Action action, Resource resource);

    /**
     * Returns all actions that {@link #allow} allows.
     *
     * @throws UnavailableException if they are not known
     */
    default Set<Action> granted(Identity identity, Resource resource) {
        Set<Action> granted = EnumSet.noneOf(Action.class);
        for (Action action : Action.values()) {
            if (allow(identity, action, resource)) {
                granted.add(action);
            }
        }
        return granted;
    }

    /**
     * Begins to find out the rights of an identity, unless they are known.
     *
     * @return null if {@link #granted} answers at once; else a stage that completes, never with a failure, when it is worth another call
     */
    default @Nullable CompletionStage<?> prepare(Identity identity, Resource resource) {
        return null;
    }

    /** Returns after how long the rights of an open connection are taken anew, because they may have changed unnoticed; 0 for never. */
    default long recheckNanos() {
        return 0;
    }

    /** Forgets the answers of an application about a user. */
    default void forget(String user) {}

    /** Forgets all answers of an application. */
    default void forgetAll() {}

    /**
     * Starts to ask; called once, before anything else.
     *
     * @param asking runs the code of an application, which may block {@link #QUESTIONS_AT_ONCE} threads
     * @param completing completes stages, whose dependents do not block
     */
    default void start(Executor asking, Executor completing) {}

    /**
     * Handles a tick of the clock, about twice a second: looks for other rules, and ends questions that take too long. Does not block.
     *
     * @param background runs tasks that may block
     * @param changed is called there after the decisions have changed
     */
    default void tick(Executor background, Runnable changed) {}

    /** Ends all calls of other applications; called once, at the end. */
    default void stop() {}

    /** Returns whether the token of an identity was revoked. Such an identity may do nothing. */
    default boolean isRevoked(Identity identity) {
        return false;
    }
}
