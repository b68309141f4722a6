package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSVerifier;
import dev.tutti.security.Sha256;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tokens whose signatures were right, the latest first to stay: clients send theirs again with each connection, and a signature of ECDSA costs
 * a millisecond. Keeps hashes, not tokens. Safe for any thread.
 */
final class VerifiedTokens {
    /** Bounds the memory: about 200 bytes each. */
    private static final int MAX_TOKENS = 10_000;

    /** By SHA-256 of the whole token, from the least recently used on; guarded by this. */
    private final Map<ByteBuffer, JWSVerifier> verified = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, JWSVerifier> eldest) {
            return size() > MAX_TOKENS;
        }
    };

    /** Returns the key under which a token is remembered. */
    static ByteBuffer hash(String token) {
        return ByteBuffer.wrap(Sha256.of(token.getBytes(UTF_8)));
    }

    /** Returns the verifier that has found a token's signature right, null if none has lately. Another one must check it itself. */
    synchronized @Nullable JWSVerifier verifierOf(ByteBuffer hash) {
        return verified.get(hash);
    }

    /** Notes that a verifier has found a token's signature right. */
    synchronized void add(ByteBuffer hash, JWSVerifier verifier) {
        verified.put(hash, verifier);
    }
}
