package dev.tutti.hub;

import dev.tutti.security.Identity;
import org.jspecify.annotations.Nullable;

/**
 * The {@link UserUsage} of each connected user that a container or a token names. Safe for any thread.
 *
 * <p>The usage of a user without connections stays until its rates have leaked out: a user does not renew them by connecting anew.
 */
final class Users {
    private final Limits limits;
    private final TimeSource time;
    private final ReferenceCountedMap<UserUsage> usages = new ReferenceCountedMap<>();

    Users(Limits limits, TimeSource time) {
        this.limits = limits;
        this.time = time;
    }

    /**
     * Counts one more connection of a user; {@link #disconnect} must follow.
     *
     * @return null for a guest
     * @throws LimitException if the user has too many; then nothing is counted
     */
    @Nullable
    UserUsage connect(Identity identity) {
        String user = identity.accountName();
        if (user.isEmpty()) {
            return null;
        }
        UserUsage usage = usages.tryAcquire(
                user, name -> new UserUsage(name, limits, time.nanos()), limits.maxConnectionsPerUser());
        if (usage == null) {
            throw new LimitException(LimitBreach.CONNECTIONS_PER_USER);
        }
        return usage;
    }

    /** Stops counting a connection. */
    void disconnect(UserUsage usage) {
        usages.release(usage.user(), usage, 1);
    }

    /** Counts messages of a user, with or without a connection; returns the limit that they exceed, null for none. */
    @Nullable
    LimitBreach receive(Identity identity, int messages, int bytes, long nowNanos) {
        String user = identity.accountName();
        UserUsage usage = usages.acquire(user, name -> new UserUsage(name, limits, nowNanos));
        try {
            LimitBreach breach = usage.receive(bytes, nowNanos);
            for (int i = 1; i < messages && breach == null; i++) {
                breach = usage.receive(0, nowNanos);
            }
            return breach;
        } finally {
            usages.release(user, usage, 1);
        }
    }

    /** Returns whether a user has as many connections as the limit allows. */
    boolean isFull(Identity identity) {
        int max = limits.maxConnectionsPerUser();
        return max != 0 && usages.references(identity.accountName()) >= max;
    }

    /** Forgets users without connections. */
    void tick(long nowNanos) {
        usages.forEach(usage -> usages.removeIdle(usage.user(), usage, idle -> idle.isForgettable(nowNanos)));
    }

    int size() {
        return usages.size();
    }
}
