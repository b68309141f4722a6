package dev.tutti.http;

import java.util.Map;

/**
 * The headers of every page: they restrict the browser, and let it ask for changes each time. Does not depend on servlets, which the standalone server
 * lacks. Stateless.
 */
public final class BrowserSafety {
    /** Names and values of header fields. */
    public static final Map<String, String> HEADERS = Map.of(
            "Cache-Control", "no-cache",
            "Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'",
            "Referrer-Policy", "same-origin",
            "X-Content-Type-Options", "nosniff");

    private BrowserSafety() {}
}
