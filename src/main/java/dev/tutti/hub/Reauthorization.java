package dev.tutti.hub;

import dev.tutti.security.Access;
import java.lang.System.Logger;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes the rights of one client anew while it is connected: when somebody says that they may have changed, and, if they may change unnoticed,
 * from time to time. Safe for any thread.
 */
final class Reauthorization {
    private static final Logger LOG = System.getLogger(Reauthorization.class.getName());

    private final Client client;
    /** When the rights were last taken anew. Confined to the clock. */
    private long takenNanos;

    Reauthorization(Client client, long nowNanos) {
        this.client = client;
        this.takenNanos = nowNanos;
    }

    /**
     * Closes the client if its token was revoked, else ends what it may no longer do in rooms and documents. If the rights are not known, it keeps
     * the earlier ones until they are.
     *
     * @return null if it is done; else a stage that completes when it is
     */
    @Nullable
    CompletionStage<?> run() {
        if (client.authentication().closeIfRevoked()) {
            return null;
        }
        Attachment attached = client.lifetime().attachment();
        CompletionStage<?> unknown = Access.all(Stream.of(
                client.memberships().prepareRights(client.access()),
                attached == null ? null : attached.prepareRights()));
        if (unknown == null) {
            takeRights();
            return null;
        }
        return unknown.thenRunAsync(
                () -> Faults.guard(LOG, client.subject(), "the rights cannot be taken anew", this::takeRights),
                client.executor());
    }

    private void takeRights() {
        client.memberships().reauthorize();
        Attachment attached = client.lifetime().attachment();
        if (attached != null) {
            attached.rightsChanged();
        }
    }

    /** Handles a tick of the clock: takes the rights anew if their time is over. */
    void tick(long nowNanos) {
        long periodNanos = client.access().recheckNanos();
        if (periodNanos != 0 && nowNanos - takenNanos >= periodNanos) {
            takenNanos = nowNanos;
            var unused = run();
        }
    }
}
