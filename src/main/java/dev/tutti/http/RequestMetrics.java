package dev.tutti.http;

/** Receives the duration of each request. Called from any thread; returns soon and throws nothing. */
@FunctionalInterface
public interface RequestMetrics {
    /**
     * A request was answered.
     *
     * @param route the path of its route, with placeholders; {@link Routes#UNKNOWN} if there is none
     * @param nanos until the response was made; the client may read it later
     */
    void answered(String route, int status, long nanos);
}
