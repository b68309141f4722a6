package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Quota;
import dev.tutti.hub.Budget.Share;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * What a document keeps of one share of the budget, by the addresses for which it keeps it: longer than their connections. Confined to its
 * owner.
 */
final class Reservations {
    private final Budget budget;
    private final Share share;
    /** Bytes by quota, each of which is retained. */
    private final Map<Quota, Long> held = new HashMap<>(2);

    /** Bytes that are kept for nobody in particular. */
    private long others;

    private long bytes;

    Reservations(Budget budget, Share share) {
        this.budget = budget;
        this.share = share;
    }

    /** Reserves more bytes for an address; false if it or the share has not so many left. */
    boolean tryAdd(Quota quota, long more) {
        Quota retained = quota.retain();
        if (!retained.tryReserve(share, more)) {
            retained.close();
            return false;
        }
        if (held.containsKey(retained)) {
            retained.close(); // it is retained already
        }
        held.merge(retained, more, Long::sum);
        bytes += more;
        return true;
    }

    /** Counts bytes that are kept already for an address; what there is no room for is counted for nobody in particular. */
    void add(Quota quota, long more) {
        if (!tryAdd(quota, more)) {
            budget.reserve(share, more);
            others += more;
            bytes += more;
        }
    }

    /** Counts so many bytes in all from here on, because of what an address did. */
    void settle(Quota quota, long total) {
        if (total > bytes) {
            add(quota, total - bytes);
        } else if (total < bytes) {
            remove(quota, bytes - total);
        }
    }

    private void remove(Quota quota, long less) {
        long ofNobody = Math.min(others, less);
        budget.release(share, ofNobody);
        others -= ofNobody;
        long left = less - ofNobody;
        if (held.containsKey(quota)) {
            left -= release(quota, left);
        }
        for (Quota other : held.keySet()) {
            left -= release(other, left);
        }
        bytes -= less;
    }

    private long release(Quota quota, long most) {
        long own = held.getOrDefault(quota, 0L);
        long released = Math.min(own, most);
        quota.release(share, released);
        held.replace(quota, own - released);
        return released;
    }

    /** Takes over all that another holds. */
    void addAll(Reservations from) {
        from.held.forEach((quota, more) -> {
            if (held.containsKey(quota)) {
                quota.close();
            }
            held.merge(quota, more, Long::sum);
        });
        from.held.clear();
        others += from.others;
        bytes += from.bytes;
        from.others = 0;
        from.bytes = 0;
    }

    /** Releases all. */
    void clear() {
        for (Iterator<Map.Entry<Quota, Long>> all = held.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Quota, Long> one = all.next();
            all.remove();
            one.getKey().release(share, one.getValue());
            one.getKey().close();
        }
        budget.release(share, others);
        others = 0;
        bytes = 0;
    }

    long bytes() {
        return bytes;
    }
}
