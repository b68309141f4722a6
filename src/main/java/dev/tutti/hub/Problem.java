package dev.tutti.hub;

/**
 * Why a part of the server does not work. Immutable.
 *
 * @param reason for people
 * @param isPartial whether so much works that the server should get clients all the same
 */
public record Problem(String reason, boolean isPartial) {
    /** Returns a problem of all clients. */
    public static Problem ofAll(String reason) {
        return new Problem(reason, false);
    }

    /** Returns a problem of some rooms. */
    public static Problem ofSome(String reason) {
        return new Problem(reason, true);
    }
}
