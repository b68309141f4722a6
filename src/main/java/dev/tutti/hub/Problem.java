package dev.tutti.hub;

/**
 * The reason why a part of the server does not work. Immutable.
 *
 * @param reason for people
 * @param isPartial whether enough works for the server to get clients
 */
public record Problem(String reason, boolean isPartial) {
    /** Returns a problem of all clients. */
    public static Problem ofAll(String reason) {
        return new Problem(reason, false);
    }
}
