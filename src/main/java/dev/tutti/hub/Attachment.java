package dev.tutti.hub;

import dev.tutti.security.Identity;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The part of a client outside of rooms, such as its documents. Called on any thread, under no lock; its methods return soon. */
public interface Attachment {
    /** The client has ended, or its connection is being closed; called once. */
    void clientClosed();

    /**
     * Begins to find out the rights that {@link #rightsChanged} is going to ask for, unless they are known.
     *
     * @return as {@link dev.tutti.security.Access#prepareRoom}
     */
    @Nullable
    CompletionStage<?> prepareRights();

    /** The rights of this client, or of a user for whom it has documents, may have changed: ends what they no longer allow. */
    void rightsChanged();

    /** Returns whether one of the identities by which the client has documents open matches. */
    boolean hasIdentity(Predicate<Identity> who);

    /**
     * The outbox has dropped frames, and now has sent all kept ones. It drops all frames until {@link Client#resume}; send
     * the difference after that call.
     */
    void drained();
}
