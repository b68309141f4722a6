package dev.tutti.security;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The peer that sends a handshake or a request, as far as {@link Gate} needs it. Confined to the thread that handles the request.
 *
 * @param address of the peer; null if unknown
 * @param headers of the request
 * @param query of the request, not decoded; null for none
 * @param principal name of the user that the container authenticated; null for none
 */
public record Caller(
        @Nullable InetAddress address,
        Headers headers,
        @Nullable String query,
        @Nullable String principal) {
    /** By each of these a proxy may tell that the request is not its own. */
    private static final List<String> FORWARDING = List.of(
            "Forwarded",
            "Via",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Forwarded-Server",
            "X-Real-IP");

    /** A name that browsers resolve to this machine (RFC 6761 section 6.3), or an address of it; then maybe a port. */
    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(?:(?:[a-z0-9-]+\\.)*localhost\\.?|127(?:\\.\\d{1,3}){3}|\\[::1])(?::\\d{1,5})?");

    private static final String BEARER = "Bearer ";

    private static final Pattern SUBPROTOCOL_TOKEN = Pattern.compile("(?:^|,)[ \\t]*bearer\\.([^, \\t]*)");

    /** A token needs no percent-encoding. */
    private static final Pattern QUERY_TOKEN = Pattern.compile("(?:^|&)token=([^&]*)");

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%.*)?");

    /** The headers of a request. */
    @FunctionalInterface
    public interface Headers {
        /** Returns the values of all headers of a name in any case, in their order. */
        List<String> get(String name);
    }

    /** Returns a peer as a servlet container describes it. Asks no name server. */
    public static Caller of(
            @Nullable String address, Headers headers, @Nullable String query, @Nullable Principal principal) {
        return new Caller(parse(address), headers, query, principal == null ? null : principal.getName());
    }

    private static @Nullable InetAddress parse(@Nullable String address) {
        if (address == null || !ADDRESS.matcher(address).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** Returns the value of the first header of a name; null if there is none. */
    private @Nullable String first(String name) {
        List<String> values = headers.get(name);
        return values.isEmpty() ? null : values.get(0);
    }

    @Nullable
    String origin() {
        return first("Origin");
    }

    @Nullable
    String host() {
        return first("Host");
    }

    /** Returns the {@link AddressKey} of the peer. */
    public String addressKey() {
        return AddressKey.of(address);
    }

    boolean isHandshake() {
        return first("Sec-WebSocket-Key") != null;
    }

    boolean hasCookie() {
        return first("Cookie") != null;
    }

    /** Returns whether the request has credentials besides cookies. */
    boolean hasCredentials() {
        return first("Authorization") != null;
    }

    /**
     * Returns the token of the request; null for none. It is in {@code Authorization: Bearer} (RFC 6750 section 2.1), or, because scripts of a
     * page cannot set that header, a subprotocol {@code bearer.<token>}.
     *
     * @param includingQuery whether the query parameter {@code token} counts too
     * @throws UnauthenticatedException if there are several
     */
    @Nullable
    String token(boolean includingQuery) {
        List<String> tokens = new ArrayList<>(1);
        for (String credentials : headers.get("Authorization")) {
            if (credentials.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                tokens.add(credentials.substring(BEARER.length()).strip());
            }
        }
        for (String offered : headers.get("Sec-WebSocket-Protocol")) {
            addFound(tokens, SUBPROTOCOL_TOKEN, offered);
        }
        if (includingQuery && query != null) {
            addFound(tokens, QUERY_TOKEN, query);
        }
        if (tokens.size() > 1) {
            throw UnauthenticatedException.needsToken("the request has more than one token");
        }
        return tokens.isEmpty() ? null : tokens.get(0);
    }

    private static void addFound(List<String> tokens, Pattern pattern, String text) {
        pattern.matcher(text).results().forEach(found -> tokens.add(found.group(1)));
    }

    /**
     * Returns whether the peer sits at this machine: its address is of the loopback, the request is for a loopback name, so that no page of
     * another site reaches this server by a name of its own (DNS rebinding), and no proxy has forwarded it.
     */
    boolean isLocal() {
        String host = host();
        return address != null
                && address.isLoopbackAddress()
                && host != null
                && LOOPBACK_HOST.matcher(host.toLowerCase(Locale.ROOT)).matches()
                && FORWARDING.stream().allMatch(name -> first(name) == null);
    }
}
