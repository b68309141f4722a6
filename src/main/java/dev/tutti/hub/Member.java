package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * A client in a room, as the other members see it. Immutable.
 *
 * @param client id of the connection
 * @param user of the connection; a user may have several connections
 * @param state the presence state, as JSON text; null for none
 */
public record Member(String client, String user, @Nullable String state) {
    private static final int OVERHEAD_BYTES = 64;

    /** Returns the same client with another state. */
    public Member withState(@Nullable String other) {
        return new Member(client, user, other);
    }

    /** Returns about the bytes of this in a message. */
    public int bytes() {
        return OVERHEAD_BYTES + client.length() + user.length() + (state == null ? 0 : state.length());
    }
}
