package dev.tutti.http;

import java.util.Map;

/** The headers by which every page restricts the browser and stays current: the browser asks for changes each time. Does not depend on servlets, which the standalone server lacks. Stateless. */
public final class BrowserSafety {
    /** Names and values of header fields. */
    public static final Map<String, String> HEADERS = Map.of(
            "Cache-Control", "no-cache",
            "Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'",
            "Referrer-Policy", "same-origin",
            "X-Content-Type-Options", "nosniff");

    private BrowserSafety() {}
}
