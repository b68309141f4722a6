package dev.tutti.protocol;

import dev.tutti.hub.Utf8Length;
import org.jspecify.annotations.Nullable;

/**
 * The longest message that a text protocol accepts. Immutable.
 *
 * @param maxBytes in UTF-8, as {@link dev.tutti.hub.Limits#maxMessageBytes}; 0 for no limit
 */
public record SizeLimit(int maxBytes) {
    /** Returns the reason to refuse a message that is over the limit, null for any other. */
    public @Nullable String refusal(String message) {
        return maxBytes != 0 && Utf8Length.of(message) > maxBytes
                ? "a message has at most " + maxBytes + " bytes"
                : null;
    }
}
