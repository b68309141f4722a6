package dev.tutti.standalone.guard;

import dev.tutti.hub.Limits;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many TCP connections are open, in all and from one address. Safe for any thread.
 *
 * <p>A few connections over a limit are let in for plain HTTP, so that a full server can still say that it is well, and to be told
 * why they get no WebSocket. The map has an entry for each address that is connected, so these limits bound it.
 */
final class ConnectionLimits {
    /** How many connections over a limit are let in. */
    static final int PLAIN_ONLY = 256;

    /** What may be done on a connection. */
    enum Admission {
        FREE,
        /** No WebSocket: {@link Limits#maxConnections} are open. */
        SERVER_FULL,
        /** No WebSocket: {@link Limits#maxConnectionsPerAddress} are open. */
        ADDRESS_FULL,
        /** Nothing: even what is let in over a limit is. */
        NONE
    }

    private final int max;
    private final int maxPerAddress;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentMap<Object, Integer> openByAddress = new ConcurrentHashMap<>();

    ConnectionLimits(int max, int maxPerAddress) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
    }

    /** Counts a connection, until {@link #release} of the same address. */
    Admission admit(@Nullable InetAddress address) {
        int all = open.incrementAndGet();
        int same = maxPerAddress == 0 ? 0 : openByAddress.merge(key(address), 1, Integer::sum);
        if (isOver(all, max, PLAIN_ONLY) || isOver(same, maxPerAddress, PLAIN_ONLY)) {
            return Admission.NONE;
        }
        if (isOver(same, maxPerAddress, 0)) {
            return Admission.ADDRESS_FULL;
        }
        return isOver(all, max, 0) ? Admission.SERVER_FULL : Admission.FREE;
    }

    /** Forgets a connection that was counted, admitted or not. */
    void release(@Nullable InetAddress address) {
        open.decrementAndGet();
        if (maxPerAddress != 0) {
            openByAddress.computeIfPresent(key(address), (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Returns the key of an address, as {@link dev.tutti.hub.Budget#quota} wants it: empty if addresses are not counted. */
    String quotaKey(@Nullable InetAddress address) {
        return maxPerAddress == 0 ? "" : key(address).toString();
    }

    private static boolean isOver(int count, int limit, int tolerated) {
        return limit != 0 && count - tolerated > limit;
    }

    /** An IPv4 address, or the 64 bits of an IPv6 address that its network has: its owner chooses the rest. */
    private static Object key(@Nullable InetAddress address) {
        if (address == null) {
            return "";
        }
        return address instanceof Inet6Address
                ? (Object) ByteBuffer.wrap(address.getAddress()).getLong()
                : address;
    }
}
