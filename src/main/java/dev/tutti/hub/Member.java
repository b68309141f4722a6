package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * A client in a room, as the others see it. Immutable: another state makes another member.
 *
 * @param state what it shows of itself, as JSON text; null for nothing
 */
public record Member(String client, String user, @Nullable String state) {
    private static final int OVERHEAD_BYTES = 64;

    /** Returns the same client with another state. */
    public Member withState(@Nullable String other) {
        return new Member(client, user, other);
    }

    /** Returns about what this takes in a message. */
    int bytes() {
        return OVERHEAD_BYTES + client.length() + user.length() + (state == null ? 0 : state.length());
    }
}
