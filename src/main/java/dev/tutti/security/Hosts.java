package dev.tutti.security;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host names for which a server answers; by default all. A page that a name of an attacker resolves to this server (DNS rebinding) has the
 * same origin as the server, so only the name in {@code Host} gives it away. Immutable.
 */
public final class Hosts {
    /** A host or an IPv6 address in brackets. Wider than DNS: names of containers have underscores. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9._~-]+|\\[[0-9a-f:.]+]");

    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");

    /** UTF-16 units of the longest host that a line in the log shows; host names have up to 253. */
    private static final int MAX_LENGTH = 300;

    private final Set<String> names;

    private Hosts(Set<String> names) {
        this.names = names;
    }

    /**
     * Returns the hosts of a setting: names without ports, separated by commas; empty for all.
     *
     * @throws IllegalArgumentException if one is no host
     */
    public static Hosts valueOf(String text) {
        Set<String> names = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            String name = part.strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && !NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "'" + part.strip() + "' is not a host such as tutti.example.org or [2001:db8::1]");
            }
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return new Hosts(names);
    }

    /** Returns whether the server answers a request with this {@code Host} header; null if it has none. */
    boolean allow(@Nullable String host) {
        return names.isEmpty() || (host != null && names.contains(name(host)));
    }

    private static String name(String host) {
        return PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
    }

    /** Returns the value of the setting that also allows a host; null if none can. */
    @Nullable
    String settingWith(@Nullable String host) {
        if (host == null
                || host.length() > MAX_LENGTH
                || !NAME.matcher(name(host)).matches()) {
            return null;
        }
        return names.stream().collect(joining(",")) + "," + name(host);
    }
}
