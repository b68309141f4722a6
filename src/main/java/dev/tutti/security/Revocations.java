package dev.tutti.security;

import dev.tutti.security.Revocation.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The revoked tokens. It remembers them in memory, until the server stops: the latest {@value #MAX}, and in place of each earlier one the rule
 * that no token issued before it counts, of any user. So it never accepts a revoked token again. Safe for any thread.
 */
public final class Revocations {
    /** The reason of a refusal, for people. */
    public static final String REVOKED = "the token was revoked";

    /** Revocations that are remembered one by one. */
    static final int MAX = 10_000;

    private record Key(Kind kind, String name) {}

    // Guarded by this, and written under it.

    /** The time before which the tokens of a user were issued, or one token was; the earliest revocation first. */
    private final Map<Key, Instant> revoked = new LinkedHashMap<>();

    private long total;

    /** All tokens that were issued before are revoked. */
    private Instant allBefore = Instant.MIN;

    /** Nothing is revoked: spares the lock. */
    private volatile boolean isEmpty = true;

    /**
     * Revokes the tokens of a user that were issued before a time, and those that do not tell when. An earlier revocation with a later time stays.
     *
     * @throws IllegalArgumentException if no token names such a user
     */
    public void revokeUser(String user, Instant issuedBefore) {
        add(new Revocation(Kind.USER, user, issuedBefore));
    }

    /**
     * Revokes one token.
     *
     * @param jti its id
     * @param now later than the token was issued
     * @throws IllegalArgumentException if the id is empty or has more than 256 characters
     */
    public void revokeToken(String jti, Instant now) {
        add(new Revocation(Kind.TOKEN, jti, now));
    }

    /** Adds a revocation that was made now, here or on another server. */
    public synchronized void add(Revocation revocation) {
        total++;
        var unused = put(revocation);
    }

    /**
     * Adds revocations that were made earlier on other servers.
     *
     * @return whether one of them was not known
     */
    public synchronized boolean merge(List<Revocation> others) {
        boolean isNew = false;
        for (Revocation other : others) {
            isNew |= put(other);
        }
        return isNew;
    }

    /** Returns false if nothing changes. Called under this. */
    private boolean put(Revocation revocation) {
        Instant issuedBefore = revocation.issuedBefore();
        isEmpty = false;
        if (revocation.kind() == Kind.ALL) {
            boolean isLater = issuedBefore.isAfter(allBefore);
            allBefore = later(allBefore, issuedBefore);
            return isLater;
        }
        Key key = new Key(revocation.kind(), revocation.name());
        Instant earlier = revoked.remove(key);
        revoked.put(key, earlier == null ? issuedBefore : later(earlier, issuedBefore));
        if (revoked.size() > MAX) {
            Iterator<Instant> oldest = revoked.values().iterator();
            allBefore = later(allBefore, oldest.next());
            oldest.remove();
        }
        return earlier == null || issuedBefore.isAfter(earlier);
    }

    /** Returns all that it remembers. */
    public synchronized List<Revocation> list() {
        List<Revocation> list = new ArrayList<>(revoked.size() + 1);
        revoked.forEach((key, issuedBefore) -> list.add(new Revocation(key.kind, key.name, issuedBefore)));
        if (!allBefore.equals(Instant.MIN)) {
            list.add(new Revocation(Kind.ALL, "", allBefore));
        }
        return list;
    }

    /** Returns the number of revocations since the start, on all servers while this one is connected with them, also of those that it no longer remembers one by one. */
    public synchronized long total() {
        return total;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Returns whether the token that gave an identity is revoked. */
    public boolean include(Identity identity) {
        return !isEmpty && identity.way() == Way.TOKEN && includeToken(identity);
    }

    private synchronized boolean includeToken(Identity identity) {
        String jti = identity.attributes().get("jti");
        if (jti != null && revoked.containsKey(new Key(Kind.TOKEN, jti))) {
            return true;
        }
        Instant ofUser = revoked.getOrDefault(new Key(Kind.USER, identity.user()), Instant.MIN);
        Instant before = later(allBefore, ofUser);
        if (before.equals(Instant.MIN)) {
            return false;
        }
        String issued = identity.attributes().get("iat");
        return issued == null || Instant.parse(issued).isBefore(before);
    }

    /** Returns permissions without those of the revoked tokens. */
    public Permissions restrict(Permissions permissions) {
        return new Restricted(permissions, this);
    }

    /** Grants nothing to the bearer of a revoked token, and leaves everything else to other permissions. */
    private record Restricted(Permissions permissions, Revocations revocations) implements Permissions {
        @Override
        public boolean allow(Identity identity, Action action, Resource resource) {
            return !revocations.include(identity) && permissions.allow(identity, action, resource);
        }

        @Override
        public Set<Action> granted(Identity identity, Resource resource) {
            return revocations.include(identity)
                    ? EnumSet.noneOf(Action.class)
                    : permissions.granted(identity, resource);
        }

        @Override
        public @Nullable CompletionStage<?> prepare(Identity identity, Resource resource) {
            return revocations.include(identity) ? null : permissions.prepare(identity, resource);
        }

        @Override
        public long recheckNanos() {
            return permissions.recheckNanos();
        }

        @Override
        public void forget(String user) {
            permissions.forget(user);
        }

        @Override
        public void forgetAll() {
            permissions.forgetAll();
        }

        @Override
        public void stop() {
            permissions.stop();
        }

        @Override
        public boolean isRevoked(Identity identity) {
            return revocations.include(identity);
        }
    }
}
