package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Quota;
import dev.tutti.hub.Budget.Share;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Memory that a document holds of one share of the budget, by the addresses that are charged for it. A reservation outlives the connections
 * of its address. Confined to its owner.
 */
final class Reservations {
    private final Budget budget;
    private final Share share;
    /** Bytes by quota, each of which is retained. */
    private final Map<Quota, Long> byQuota = new HashMap<>(2);

    /** Bytes that no address is charged for. */
    private long unattributed;

    /** All of the above together. */
    private long bytes;

    Reservations(Budget budget, Share share) {
        this.budget = budget;
        this.share = share;
    }

    /** Reserves more bytes for an address; false if the address or the share has not so many left. */
    boolean tryAdd(Quota quota, long more) {
        Quota retained = quota.retain();
        if (!retained.tryReserve(share, more)) {
            retained.close();
            return false;
        }
        if (byQuota.containsKey(retained)) {
            retained.close(); // it is retained already
        }
        byQuota.merge(retained, more, Long::sum);
        bytes += more;
        return true;
    }

    /** Reserves bytes that exist already. If the address or the share has not so many left, no address is charged. */
    void add(Quota quota, long more) {
        if (!tryAdd(quota, more)) {
            budget.reserve(share, more);
            unattributed += more;
            bytes += more;
        }
    }

    /** Reserves or releases until {@code total} bytes are held; an address is charged for growth, and relieved first. */
    void resize(Quota quota, long total) {
        if (total > bytes) {
            add(quota, total - bytes);
        } else if (total < bytes) {
            remove(quota, bytes - total);
        }
    }

    private void remove(Quota quota, long less) {
        long ofNoAddress = Math.min(unattributed, less);
        budget.release(share, ofNoAddress);
        unattributed -= ofNoAddress;
        long rest = less - ofNoAddress;
        if (byQuota.containsKey(quota)) {
            rest -= release(quota, rest);
        }
        for (Quota other : byQuota.keySet()) {
            rest -= release(other, rest);
        }
        bytes -= less;
    }

    /** Releases up to {@code most} bytes of a quota, and returns how many. */
    private long release(Quota quota, long most) {
        long held = byQuota.getOrDefault(quota, 0L);
        long released = Math.min(held, most);
        quota.release(share, released);
        byQuota.replace(quota, held - released);
        return released;
    }

    /** Takes over all reservations of another. */
    void addAll(Reservations from) {
        from.byQuota.forEach((quota, more) -> {
            if (byQuota.containsKey(quota)) {
                quota.close();
            }
            byQuota.merge(quota, more, Long::sum);
        });
        from.byQuota.clear();
        unattributed += from.unattributed;
        bytes += from.bytes;
        from.unattributed = 0;
        from.bytes = 0;
    }

    /** Releases all. */
    void clear() {
        for (Iterator<Map.Entry<Quota, Long>> all = byQuota.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Quota, Long> one = all.next();
            all.remove();
            one.getKey().release(share, one.getValue());
            one.getKey().close();
        }
        budget.release(share, unattributed);
        unattributed = 0;
        bytes = 0;
    }

    long bytes() {
        return bytes;
    }
}
