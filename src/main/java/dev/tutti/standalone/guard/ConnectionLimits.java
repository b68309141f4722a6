package dev.tutti.standalone.guard;

import dev.tutti.hub.Limits;
import dev.tutti.security.AddressKey;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts open TCP connections, in total and by address. Safe for any thread.
 *
 * <p>Up to {@value #PLAIN_ONLY} connections over a limit may use plain HTTP: a full server still answers health checks, and refuses
 * handshakes with a reason. The map has one entry for each connected address, so these limits bound it.
 */
final class ConnectionLimits {
    /** Connections over a limit that are accepted for plain HTTP. */
    static final int PLAIN_ONLY = 256;

    /** The permitted use of a connection. */
    enum Admission {
        UNRESTRICTED,
        /** Plain HTTP only: {@link Limits#maxConnections} are open. */
        SERVER_FULL,
        /** Plain HTTP only: {@link Limits#maxConnectionsPerAddress} are open. */
        ADDRESS_FULL,
        /** None: the plain HTTP connections over a limit are used up as well. */
        REJECTED
    }

    private final int max;
    private final int maxPerAddress;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentMap<String, Integer> openByAddress = new ConcurrentHashMap<>();

    ConnectionLimits(int max, int maxPerAddress) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
    }

    /** Counts a connection. The caller calls {@link #release} with the same address once, with any result. */
    Admission admit(@Nullable InetAddress address) {
        int total = open.incrementAndGet();
        int fromAddress = maxPerAddress == 0 ? 0 : openByAddress.merge(AddressKey.of(address), 1, Integer::sum);
        if (isOver(total, max, PLAIN_ONLY) || isOver(fromAddress, maxPerAddress, PLAIN_ONLY)) {
            return Admission.REJECTED;
        }
        if (isOver(fromAddress, maxPerAddress, 0)) {
            return Admission.ADDRESS_FULL;
        }
        return isOver(total, max, 0) ? Admission.SERVER_FULL : Admission.UNRESTRICTED;
    }

    /** Stops counting a connection, with any result of {@link #admit}. */
    void release(@Nullable InetAddress address) {
        open.decrementAndGet();
        if (maxPerAddress != 0) {
            openByAddress.computeIfPresent(AddressKey.of(address), (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Returns the quota key of an address for {@link dev.tutti.hub.Budget#quota}; empty if addresses have no limit. */
    String quotaKey(@Nullable InetAddress address) {
        return maxPerAddress == 0 ? "" : AddressKey.of(address);
    }

    private static boolean isOver(int count, int limit, int tolerance) {
        return limit != 0 && count - tolerance > limit;
    }
}
