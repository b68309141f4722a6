package dev.tutti.http;

import dev.tutti.hub.Position;
import org.jspecify.annotations.Nullable;

/** A {@link Position} in a body; in a query it is {@code epoch:offset}. */
record PositionJson(String epoch, long offset) {
    /** Characters of the longest epoch that a query may name. */
    private static final int MAX_EPOCH = 64;

    static @Nullable PositionJson of(@Nullable Position position) {
        return position == null ? null : new PositionJson(position.epoch(), position.offset());
    }

    /** Reads a parameter; null if it is absent. */
    static @Nullable Position parse(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        if (colon > 0 && colon <= MAX_EPOCH && text.substring(colon + 1).matches("\\d{1,18}")) {
            return new Position(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
        }
        throw new ApiException(ApiError.BAD_REQUEST, name + " is a position: epoch:offset");
    }
}
