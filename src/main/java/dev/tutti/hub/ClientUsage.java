package dev.tutti.hub;

import dev.tutti.security.Identity;
import org.jspecify.annotations.Nullable;

/** The usage of one client: it counts for the client's address from the start, and for its user as soon as that is known. Safe for any thread. */
public final class ClientUsage {
    private final Hub hub;
    private final String addressKey;
    private final RateLimit rate; // guarded by this
    private boolean closed; // guarded by this

    /** Of the address, and of the user as soon as it is known; guarded by this for writing. */
    private volatile Budget.Quota quota;

    /** Null for a guest, and before a token; written once, guarded by this. */
    private volatile @Nullable UserUsage ofUser;

    ClientUsage(Hub hub, String addressKey) {
        this.hub = hub;
        this.addressKey = addressKey;
        this.rate = new RateLimit(hub.limits(), hub.time().nanos());
        this.quota = hub.budget().quota(addressKey);
    }

    /** Returns the key by which limits count the client's address; empty if it is unknown, or addresses have no limits. */
    public String addressKey() {
        return addressKey;
    }

    /** Returns the parts of the memory budget that the connections of the client's address share, and those of its user. */
    public Budget.Quota quota() {
        return quota;
    }

    /** Returns the use of the client's user; null for a guest, and before a token. */
    public @Nullable UserUsage ofUser() {
        return ofUser;
    }

    /**
     * Counts the connection and its use for a user, unless it counts for one already. A connection of Hocuspocus, which may have a token for
     * each document, counts for the user of the first.
     *
     * @throws LimitException if the user has too many connections
     */
    public void countFor(Identity identity) {
        if (ofUser != null) {
            return;
        }
        UserUsage found = hub.users().connect(identity);
        if (found == null) {
            return;
        }
        Budget.Quota unused = hub.budget().quota(addressKey, found.user());
        boolean counts = false;
        synchronized (this) {
            if (!closed && ofUser == null) {
                Budget.Quota ofAddress = quota;
                ofUser = found;
                quota = unused;
                unused = ofAddress;
                counts = true;
            }
        }
        unused.close();
        if (!counts) {
            hub.users().disconnect(found);
        }
    }

    /** Counts a received message. Returns the limit that it exceeds; null for none, and for a client that has ended. */
    @Nullable
    LimitBreach receive(int bytes, long nowNanos) {
        synchronized (this) {
            if (closed) {
                return null;
            }
            if (!rate.tryAcquire(nowNanos)) {
                return LimitBreach.MESSAGE_RATE;
            }
        }
        UserUsage user = ofUser;
        return user == null ? null : user.receive(bytes, nowNanos);
    }

    /** Stops counting: the client has ended. Called once. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        quota.close();
        UserUsage user = ofUser;
        if (user != null) {
            hub.users().disconnect(user);
        }
    }
}
