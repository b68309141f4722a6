package dev.tutti.hub;

import dev.tutti.security.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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
    private final UsersElsewhere elsewhere = new UsersElsewhere();

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
        int max = limits.maxConnectionsPerUser();
        int free = max - elsewhere.connections(user);
        UserUsage usage = max == 0 || free > 0
                ? usages.tryAcquire(user, name -> usage(name, time.nanos()), max == 0 ? 0 : free)
                : null;
        if (usage == null) {
            throw new LimitException(LimitBreach.CONNECTIONS_PER_USER);
        }
        return usage;
    }

    private UserUsage usage(String name, long nowNanos) {
        return new UserUsage(name, limits, elsewhere, nowNanos);
    }

    /** Stops counting a connection. */
    void disconnect(UserUsage usage) {
        usages.release(usage.user(), usage, 1);
    }

    /** Counts messages of a user, with or without a connection; returns the limit that they exceed, null for none. */
    @Nullable
    LimitBreach receive(Identity identity, int messages, int bytes, long nowNanos) {
        String user = identity.accountName();
        UserUsage usage = usages.acquire(user, name -> usage(name, nowNanos));
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
        String user = identity.accountName();
        return max != 0 && (long) usages.references(user) + elsewhere.connections(user) >= max;
    }

    /**
     * Returns what other servers must know of the users of this one, since the last call. Forgets their own old reports.
     *
     * @param wantsAll tells of which users all is returned, and not only what has changed
     */
    List<UserUse> report(Predicate<String> wantsAll, int max, long nowNanos) {
        elsewhere.forgetOld(nowNanos);
        List<UserUse> report = new ArrayList<>();
        usages.forEach(usage -> {
            if (report.size() < max) {
                UserUse use = usage.report(usages.references(usage.user()), wantsAll.test(usage.user()));
                if (use != null) {
                    report.add(use);
                }
            }
        });
        return report;
    }

    /** Learns the use of users at another server. */
    void learn(String server, List<UserUse> uses, long nowNanos) {
        for (UserUse use : uses) {
            if (use.user().isEmpty()) {
                continue; // no user with an account
            }
            elsewhere.put(server, use, nowNanos);
            if (use.messages() > 0 || use.bytes() > 0) {
                UserUsage usage = usages.acquire(use.user(), name -> usage(name, nowNanos));
                usage.receiveElsewhere(use.messages(), use.bytes(), nowNanos);
                usages.release(use.user(), usage, 1);
            }
        }
    }

    /** Counts for this server alone: the other ones cannot be reached. */
    void forgetOthers() {
        elsewhere.clear();
        usages.forEach(UserUsage::forgetReport);
    }

    /** Forgets users without connections. */
    void tick(long nowNanos) {
        usages.forEach(usage -> usages.removeIdle(usage.user(), usage, idle -> idle.isForgettable(nowNanos)));
    }

    int size() {
        return usages.size();
    }
}
