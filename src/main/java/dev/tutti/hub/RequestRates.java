package dev.tutti.hub;

import dev.tutti.rate.RateByKey;
import dev.tutti.security.Identity;
import org.jspecify.annotations.Nullable;

/**
 * The rates of callers without a connection: each of their messages counts for their user, together with those of the user's connections; one of a
 * guest counts for the guest's address, with the same limit. Safe for any thread.
 */
public final class RequestRates {
    private final Users users;
    private final TimeSource time;
    /** Null for no limit. */
    private final @Nullable RateByKey ofGuests;

    RequestRates(Users users, Limits limits, TimeSource time) {
        this.users = users;
        this.time = time;
        int max = limits.maxMessagesPerSecondPerUser();
        this.ofGuests = max == 0 ? null : new RateByKey(max, time.nanos());
    }

    /**
     * Counts messages of a caller.
     *
     * @param address the key of its address; empty if it is unknown: such guests have no limit
     * @param bytes of all messages together, which count for users with a name
     * @return the limit that they exceed; null for none
     */
    public @Nullable LimitBreach count(Identity identity, String address, int messages, int bytes) {
        long now = time.nanos();
        if (!identity.accountName().isEmpty()) {
            return users.receive(identity, messages, bytes, now);
        }
        if (ofGuests == null || address.isEmpty()) {
            return null;
        }
        if (ofGuests.isExceeded(address, now)) {
            return LimitBreach.MESSAGE_RATE_PER_USER;
        }
        ofGuests.add(address, messages, now);
        return null;
    }

    /** Handles a tick of the clock: forgets the addresses that have sent nothing for a while. */
    void tick(long nowNanos) {
        if (ofGuests != null) {
            ofGuests.forgetIdle(nowNanos);
        }
    }
}
