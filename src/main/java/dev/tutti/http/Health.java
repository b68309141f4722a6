package dev.tutti.http;

import dev.tutti.hub.Hub;

/** What {@code GET /health} answers. Stateless. */
public final class Health {
    /** The answer's media type. */
    public static final String CONTENT_TYPE = "application/json";

    private Health() {}

    /** Returns {@code {"status":"ok","clients":n}}. */
    public static String of(Hub hub) {
        return "{\"status\":\"ok\",\"clients\":" + hub.clientCount() + "}";
    }
}
