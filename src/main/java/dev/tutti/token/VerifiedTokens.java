package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.security.Identity;
import dev.tutti.security.Sha256;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The identities of verified tokens, the latest first to stay: clients send theirs again with each connection, and a signature of ECDSA costs
 * a millisecond. Keeps hashes, not tokens. Safe for any thread.
 */
final class VerifiedTokens {
    /** Characters of the tokens in all; bounds the memory to a few times as many bytes. */
    static final int MAX_CHARACTERS = 8 << 20;

    private record Verified(VerificationKeys keys, Identity identity, int length) {}

    // Guarded by this.
    /** By SHA-256 of the whole token, from the least recently used on. */
    private final Map<ByteBuffer, Verified> verified = new LinkedHashMap<>(16, 0.75f, true);

    private int characters;

    /** Returns the key under which a token is remembered. */
    static ByteBuffer hash(String token) {
        return ByteBuffer.wrap(Sha256.of(token.getBytes(UTF_8)));
    }

    /** Returns the identity of a token that these keys have verified, though it may have expired; null if they have not lately. */
    synchronized @Nullable Identity identity(ByteBuffer hash, VerificationKeys keys) {
        Verified known = verified.get(hash);
        return known != null && known.keys == keys ? known.identity : null;
    }

    /** Remembers the identity of a token that these keys have verified. */
    synchronized void add(ByteBuffer hash, VerificationKeys keys, Identity identity, int length) {
        Verified replaced = verified.put(hash, new Verified(keys, identity, length));
        characters += length - (replaced == null ? 0 : replaced.length);
        Iterator<Verified> oldest = verified.values().iterator();
        while (characters > MAX_CHARACTERS) {
            characters -= oldest.next().length;
            oldest.remove();
        }
    }

    /** Returns the number of tokens. */
    synchronized int size() {
        return verified.size();
    }
}
