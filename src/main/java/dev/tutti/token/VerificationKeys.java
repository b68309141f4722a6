package dev.tutti.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that verify signatures, and the algorithms for which they do. Immutable.
 *
 * <p>The algorithms are those of public keys, or those of a shared secret, never both. So a token that is signed by HMAC with the text of a
 * public key does not pass.
 */
final class VerificationKeys {
    /** A set of keys with more is refused. */
    private static final int MAX_KEYS = 100;

    /** NIST SP 800-131A: shorter RSA keys are not secure. */
    private static final int MIN_RSA_BITS = 2048;

    /** A verifier; {@code jwk} is null for a shared secret, which has no name. */
    private record Key(@Nullable JWK jwk, JWSVerifier verifier) {}

    private final List<Key> keys;
    private final Set<JWSAlgorithm> algorithms;

    private VerificationKeys(List<Key> keys, Set<JWSAlgorithm> algorithms) {
        this.keys = List.copyOf(keys);
        this.algorithms = Set.copyOf(algorithms);
    }

    /**
     * Returns a shared secret.
     *
     * @throws IllegalArgumentException if it is too short for an algorithm
     */
    static VerificationKeys ofSecret(byte[] secret, Set<JWSAlgorithm> algorithms) {
        for (JWSAlgorithm algorithm : algorithms) {
            int bytes = hashBytes(algorithm);
            if (secret.length < bytes) {
                throw new IllegalArgumentException(
                        "the secret has fewer than the " + bytes + " bytes that " + algorithm + " needs");
            }
        }
        try {
            return new VerificationKeys(List.of(new Key(null, new MACVerifier(secret))), algorithms);
        } catch (JOSEException e) {
            throw new IllegalArgumentException("the secret cannot be used", e);
        }
    }

    /** Returns the length of the hash of {@code HS256} and the like; the key is no shorter (RFC 7518 section 3.2). */
    private static int hashBytes(JWSAlgorithm algorithm) {
        return Integer.parseInt(algorithm.getName().substring("HS".length())) / Byte.SIZE;
    }

    /**
     * Returns the keys of a text: a JWKS, one JWK, or public keys in PEM. It ignores keys of other kinds and short
     * RSA keys.
     *
     * @throws IllegalArgumentException if no key is left, or there are too many; the message contains no key
     */
    static VerificationKeys parse(String text, Set<JWSAlgorithm> algorithms) {
        List<JWK> all = jwks(text);
        if (all.size() > MAX_KEYS) {
            throw new IllegalArgumentException("there are more than " + MAX_KEYS + " keys");
        }
        List<Key> keys = new ArrayList<>();
        for (JWK jwk : all) {
            JWSVerifier verifier = verifier(jwk);
            if (verifier != null) {
                keys.add(new Key(jwk.toPublicJWK(), verifier));
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no EC or Ed25519 key and no RSA key of " + MIN_RSA_BITS + " bits");
        }
        return new VerificationKeys(keys, algorithms);
    }

    private static List<JWK> jwks(String text) {
        String stripped = text.strip();
        try {
            if (!stripped.startsWith("{")) {
                return PemKeys.parse(stripped);
            }
            return stripped.contains("\"keys\"") ? JWKSet.parse(stripped).getKeys() : List.of(JWK.parse(stripped));
        } catch (ParseException | GeneralSecurityException | RuntimeException e) {
            // Not as a cause: it may quote the text.
            throw new IllegalArgumentException("these are neither a JWKS nor a public key in PEM");
        }
    }

    private static @Nullable JWSVerifier verifier(JWK jwk) {
        try {
            if (jwk instanceof RSAKey rsa) {
                return rsa.size() < MIN_RSA_BITS ? null : new RSASSAVerifier(rsa.toRSAPublicKey());
            }
            if (jwk instanceof OctetKeyPair pair) {
                return Curve.Ed25519.equals(pair.getCurve()) ? new Ed25519(pair.getDecodedX()) : null;
            }
            return jwk instanceof ECKey ec ? new ECDSAVerifier(ec.toECPublicKey()) : null;
        } catch (JOSEException | GeneralSecurityException e) {
            return null; // a curve that this Java does not know
        }
    }

    /** Returns whether tokens may be signed by an algorithm. */
    boolean accept(JWSAlgorithm algorithm) {
        return algorithms.contains(algorithm);
    }

    /**
     * Returns the verifier of a token with an accepted algorithm: that of the key which the header names, or of the only key if it names none.
     * Ignores keys and addresses in the header.
     *
     * @return null if there is no such key
     */
    @Nullable
    JWSVerifier verifier(JWSHeader header) {
        if (header.getKeyID() == null && keys.size() > 1) {
            return null; // one token must not cost a check with each key
        }
        JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
        for (Key key : keys) {
            if (key.jwk == null || isMeant(key.jwk, header, matcher)) {
                return key.verifier;
            }
        }
        return null;
    }

    /** A key without a name, such as one in PEM, may be meant by any name. */
    private static boolean isMeant(JWK jwk, JWSHeader header, JWKMatcher matcher) {
        if (jwk.getKeyID() != null) {
            return matcher.matches(jwk);
        }
        JWSHeader unnamed = new JWSHeader.Builder(header.getAlgorithm()).build();
        return JWKMatcher.forJWSHeader(unnamed).matches(jwk);
    }
}
