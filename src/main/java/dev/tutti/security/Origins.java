package dev.tutti.security;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;

import dev.tutti.settings.Setting;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The origins whose pages may connect: the server's own and those listed. A browser sends the page's origin with a WebSocket handshake, and
 * scripts cannot change it. Other programs send none, and may connect. Immutable.
 *
 * <p>Source: RFC 6455 section 10.2, RFC 6454.
 */
public final class Origins {
    /** A scheme, a host or an IPv6 address in brackets, a port. Wider than a URI: names of containers have underscores. */
    private static final Pattern ORIGIN =
            Pattern.compile("([a-z][a-z0-9+.-]*)://([a-z0-9._~-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");

    /** UTF-16 units of the longest origin that a line in the log shows; host names have up to 253. */
    private static final int MAX_LENGTH = 300;

    private final boolean any;
    /** In the order of the setting. */
    private final Set<String> listed;

    private Origins(boolean any, Set<String> listed) {
        this.any = any;
        this.listed = listed;
    }

    /** The setting behind {@link #of}. */
    public record Options(
            @Setting(value = "", help = "other sites whose pages may connect, separated by commas, or *")
            String origins) {}

    /**
     * Returns the origins allowed by {@code options}.
     *
     * @throws IllegalArgumentException if one is not of the form {@code scheme://host} or {@code scheme://host:port}
     */
    public static Origins of(Options options) {
        Set<String> listed = Arrays.stream(options.origins().split(",", -1))
                .map(String::strip)
                .filter(origin -> !origin.isEmpty())
                .collect(toCollection(LinkedHashSet::new));
        boolean any = listed.contains("*");
        return new Origins(
                any,
                any ? Set.of() : listed.stream().map(Origins::checkedOrigin).collect(toCollection(LinkedHashSet::new)));
    }

    /**
     * Returns whether a page may connect.
     *
     * @param origin the handshake's Origin header, null if it has none
     * @param host the handshake's Host header: host, and port unless it is the scheme's own
     */
    public boolean allow(@Nullable String origin, @Nullable String host) {
        if (any || origin == null) {
            return true;
        }
        String normal = normal(origin);
        if (normal == null) {
            return false;
        }
        if (listed.contains(normal)) {
            return true;
        }
        return isOwn(origin, host);
    }

    /** Returns whether a page is the server's own, or no page; otherwise as {@link #allow}. */
    static boolean isOwn(@Nullable String origin, @Nullable String host) {
        if (origin == null) {
            return true;
        }
        String normal = normal(origin);
        if (normal == null || host == null) {
            return false;
        }
        // TLS often ends at a proxy: only the origin has the scheme that the browser used.
        String scheme = normal.substring(0, normal.indexOf("://"));
        return normal.equals(normal(scheme + "://" + host));
    }

    /** Returns the value of {@link Options} that also allows an origin; null if only {@code *} does, as for pages in a file. */
    @Nullable
    String settingWith(String origin) {
        String normal = normal(origin);
        if (normal == null || normal.length() > MAX_LENGTH) {
            return null;
        }
        return Stream.concat(listed.stream(), Stream.of(normal))
                .map(Origins::withoutUsualPort)
                .collect(joining(","));
    }

    private static String withoutUsualPort(String normal) {
        return normal.replaceFirst("^(https://.*):443$|^(http://.*):80$", "$1$2");
    }

    private static String checkedOrigin(String origin) {
        String normal = normal(origin);
        if (normal == null) {
            throw new IllegalArgumentException("origins: '" + origin
                    + "' is not an origin such as https://www.example.org or https://example.org:8443");
        }
        return normal;
    }

    /** Returns {@code scheme://host:port} in lower case, always with a port; null if this is not an origin. */
    private static @Nullable String normal(String origin) {
        Matcher parts = ORIGIN.matcher(origin.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return null;
        }
        String scheme = parts.group(1);
        String port = parts.group(3) != null ? parts.group(3) : scheme.equals("https") ? "443" : "80";
        return scheme + "://" + parts.group(2) + ":" + port;
    }
}
