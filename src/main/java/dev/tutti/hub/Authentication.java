package dev.tutti.hub;

import dev.tutti.security.Access;

/**
 * The identity of a client: that of the handshake, until the client sends a token. Safe for any thread.
 *
 * <p>A protocol that has a message for tokens may open a connection without an identity. It may do nothing, and has a time limit.
 */
final class Authentication {
    /** How long a client may stay without an identity: enough for an application that fetches a token first. */
    static final long TIME_LIMIT_NANOS = 10_000_000_000L;

    private final String client;
    private final long deadlineNanos;
    private volatile Access access;
    private volatile Sender sender;

    Authentication(String client, Access access, long nowNanos) {
        this.client = client;
        this.deadlineNanos = nowNanos + TIME_LIMIT_NANOS;
        this.access = access;
        this.sender = sender(access);
    }

    /** The user of an anonymous connection is the client's own id. */
    private Sender sender(Access named) {
        String user = named.identity().user();
        return new Sender(client, user.isEmpty() ? client : user);
    }

    Access access() {
        return access;
    }

    Sender sender() {
        return sender;
    }

    /** Changes the identity. Publications of other threads may have the earlier one. */
    void replace(Access next) {
        access = next;
        sender = sender(next);
    }

    /** Returns whether the time limit of a client without an identity is over. */
    boolean isOverdue(long nowNanos) {
        return access.identity().isUnidentified() && nowNanos - deadlineNanos >= 0;
    }
}
