package dev.tutti;

import dev.tutti.standalone.Configuration;
import java.util.Map;

/** Settings of servers under test: on loopback, on any port, with documents in memory, unless something else is given. */
public final class Given {
    private static final Map<String, String> USUAL = Map.of("host", "127.0.0.1", "port", "0", "data", "none");

    private Given() {}

    /** Returns what is given, and for the rest the usual. */
    public static Configuration settings(Map<String, String> given) {
        return Configuration.of(name -> given.getOrDefault(name, USUAL.get(name)));
    }

    /** As above, for a server that comes back to a port. */
    public static Configuration settings(int port, Map<String, String> given) {
        return Configuration.of(
                name -> name.equals("port") ? String.valueOf(port) : given.getOrDefault(name, USUAL.get(name)));
    }
}
