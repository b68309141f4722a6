package dev.tutti.http;

import java.util.Map;

/** What every page tells a browser about its safety. Knows nothing of servlets, which the standalone server does not have. Stateless. */
public final class BrowserSafety {
    /** Names and values of header fields. */
    public static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'",
            "Referrer-Policy", "same-origin",
            "X-Content-Type-Options", "nosniff");

    private BrowserSafety() {}
}
