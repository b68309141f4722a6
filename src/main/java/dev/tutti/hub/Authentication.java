package dev.tutti.hub;

import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Revocations;
import dev.tutti.security.Way;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a client: that of the handshake, until the client sends a token; and its end. Safe for any thread.
 *
 * <p>A protocol that has a message for tokens may open a connection without an identity. It may do nothing, and has a time limit.
 */
public final class Authentication {
    /** How long a client may stay without an identity: enough for an application that fetches a token first. */
    static final long TIME_LIMIT_NANOS = 10_000_000_000L;

    /** How long before its end a client is asked for a new token: enough for a sign-in without the user, and one repetition. */
    static final long WARNING_MILLIS = 25_000;

    private final Client client;
    private final long deadlineNanos;
    private volatile Access access;
    private volatile Sender sender;
    /** The client was asked for a token after the present one; guarded by this. */
    private boolean isWarned;

    Authentication(Client client, Access access, long nowNanos) {
        this.client = client;
        this.deadlineNanos = nowNanos + TIME_LIMIT_NANOS;
        this.access = access;
        this.sender = sender(access);
    }

    /** The user of an anonymous connection is the client's own id. */
    private Sender sender(Access named) {
        String user = named.identity().user();
        return new Sender(client.id(), user.isEmpty() ? client.id() : user);
    }

    Access access() {
        return access;
    }

    Sender sender() {
        return sender;
    }

    /**
     * Gives the client the user of a token: the first one, or again the same one with new rights. A room that it may no longer be in, or in
     * which its right to presence has changed, it leaves. Publications of other threads may have the earlier identity.
     *
     * @return false, and nothing happens, if the client has another user by a token, or is in rooms as a guest
     * @throws LimitException if the user has too many connections; then nothing happens
     */
    public boolean replace(Access next) {
        if (!mayReplace(next)) {
            return false;
        }
        client.usage().countFor(next.identity());
        synchronized (this) {
            access = next;
            sender = sender(next);
            isWarned = false;
        }
        client.memberships().reauthorize();
        closeIfRevoked();
        client.lifetime().announceIfIdentified();
        return true;
    }

    /** Returns whether the client may take another identity: that of the same user, or, of a client in no room, any. */
    private boolean mayReplace(Access next) {
        Identity before = access.identity();
        return before.way() == Way.TOKEN
                ? before.user().equals(next.identity().user())
                : client.memberships().isEmpty();
    }

    /** Closes the client if its token was revoked; returns whether it was. */
    boolean closeIfRevoked() {
        if (!access.isRevoked()) {
            return false;
        }
        client.close(CloseCode.UNAUTHENTICATED, Revocations.REVOKED);
        return true;
    }

    /** Handles a tick of the clock: asks the client for a new token before its own ends, and closes it without one. */
    void tick(Protocol protocol, TimeSource time) {
        Identity identity = access.identity();
        if (identity.isUnidentified()) {
            if (protocol.takesTokenLater() && time.nanos() - deadlineNanos >= 0) {
                client.close(CloseCode.UNAUTHENTICATED, "no token came in time");
            }
        } else if (identity.expiresAt() != null) {
            long leftMillis = identity.expiresAt().toEpochMilli() - time.millis();
            if (leftMillis <= 0) {
                client.close(CloseCode.UNAUTHENTICATED, "the token has expired");
            } else if (leftMillis <= WARNING_MILLIS && markWarned()) {
                warn(protocol.expiring(leftMillis));
            }
        }
    }

    /** Returns whether this is the first call since the identity changed. */
    private synchronized boolean markWarned() {
        boolean isFirst = !isWarned;
        isWarned = true;
        return isFirst;
    }

    private void warn(@Nullable Frame frame) {
        if (frame != null) {
            client.send(frame);
        }
    }
}
