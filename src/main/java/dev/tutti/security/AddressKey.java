package dev.tutti.security;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The key by which limits count the connections of an address: an IPv4 address itself, and of an IPv6 address its network prefix of 64 bits,
 * because a host can choose the other 64 bits freely (RFC 4291 section 2.5.1). Stateless.
 */
public final class AddressKey {
    private static final int PREFIX_BYTES = 8;

    private AddressKey() {}

    /** Returns the key of an address; empty if it is unknown. */
    public static String of(@Nullable InetAddress address) {
        if (address == null) {
            return "";
        }
        return address instanceof Inet6Address
                ? HexFormat.of().formatHex(address.getAddress(), 0, PREFIX_BYTES) + "::/64"
                : address.getHostAddress();
    }

    /** Returns the key of an address as a container writes it; a text that is no IPv6 address is its own key. Asks no name server. */
    public static String of(@Nullable String address) {
        if (address == null || address.indexOf(':') < 0) {
            return address == null ? "" : address;
        }
        try {
            return of(InetAddress.getByName(address)); // a text with a colon is never looked up as a name
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
