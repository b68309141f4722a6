package dev.tutti.hub;

/**
 * The use of one user on one server. Immutable.
 *
 * @param connections open now
 * @param rooms memberships in rooms, now
 * @param documents open now
 * @param messages received since the last report
 * @param bytes of these messages
 */
public record UserUse(String user, int connections, int rooms, int documents, long messages, long bytes) {
    /** Returns whether the user has nothing open. */
    public boolean isIdle() {
        return connections == 0 && rooms == 0 && documents == 0;
    }
}
