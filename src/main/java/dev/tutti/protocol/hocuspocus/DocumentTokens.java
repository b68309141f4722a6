package dev.tutti.protocol.hocuspocus;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ends of the tokens of one connection, which has a token for each document. Safe for any thread. */
final class DocumentTokens {
    /** How long before its end the client is asked for a new token. */
    static final long REQUEST_MILLIS = 25_000;

    /** @param isRequested the client was asked for the next one */
    private record Token(long endMillis, boolean isRequested) {}

    // Guarded by this.
    private final Map<String, Token> tokens = new HashMap<>(2);

    /** Sets the end of a document's token; null if it does not end. */
    synchronized void put(String key, @Nullable Instant end) {
        if (end == null) {
            tokens.remove(key);
        } else {
            tokens.put(key, new Token(end.toEpochMilli(), false));
        }
    }

    /** Forgets a document. */
    synchronized void remove(String key) {
        tokens.remove(key);
    }

    /** Removes and returns the documents whose tokens have ended. */
    synchronized List<String> takeExpired(long nowMillis) {
        List<String> expired = new ArrayList<>(0);
        tokens.forEach((key, token) -> {
            if (nowMillis >= token.endMillis) {
                expired.add(key);
            }
        });
        expired.forEach(tokens::remove);
        return expired;
    }

    /** Returns the documents whose tokens end soon, each token once. */
    synchronized List<String> takeEnding(long nowMillis) {
        List<String> ending = new ArrayList<>(0);
        tokens.replaceAll((key, token) -> {
            if (token.isRequested || token.endMillis - nowMillis > REQUEST_MILLIS) {
                return token;
            }
            ending.add(key);
            return new Token(token.endMillis, true);
        });
        return ending;
    }
}
