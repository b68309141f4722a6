package dev.tutti.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.tutti.security.Identity;
import dev.tutti.security.TokenVerifier;
import dev.tutti.security.UnauthenticatedException;
import jakarta.json.Json;
import jakarta.json.JsonConfig;
import jakarta.json.JsonException;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Verifies signed JSON Web Tokens: size, time, algorithm, signature, then the other claims. Safe for any thread.
 *
 * <p>It takes the key and the algorithm from the settings, and ignores {@code jwk}, {@code jku}, {@code x5c} and {@code x5u} in a token's
 * header.
 *
 * <p>Source: RFC 7519, RFC 8725 (best practices), MicroProfile JWT 2.1 section 5.
 */
public final class Tokens implements TokenVerifier {
    /** The longest token in characters. A request head, which may carry one, has no more bytes. */
    static final int MAX_LENGTH = 16 << 10;

    /** The types of tokens that grant access (RFC 7519 section 5.1, RFC 9068 section 2.1). Others, such as a logout token, grant none. */
    private static final Set<JOSEObjectType> TYPES =
            Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"));

    private static final Map<String, Object> NO_MEMBER_TWICE =
            Map.of(JsonConfig.KEY_STRATEGY, JsonConfig.KeyStrategy.NONE);

    private final KeySource keys;
    private final TokenClaims claims;
    private final InstantSource clock;
    private final VerifiedTokens verified = new VerifiedTokens();

    /**
     * Verifies with these keys.
     *
     * @param options decide about issuer, audiences and clock skew
     */
    Tokens(KeySource keys, TokenOptions options, InstantSource clock) {
        this.keys = keys;
        this.claims =
                new TokenClaims(options.jwtIssuer(), options.audiences(), Duration.ofSeconds(options.jwtClockSkew()));
        this.clock = clock;
    }

    /**
     * Returns the verifier of these settings. It reads a file of keys now, and fetches those at an address from the first {@link #tick} on.
     *
     * @throws IllegalArgumentException if the settings contradict each other, or a file has no keys; the message names the setting
     */
    public static Tokens of(TokenOptions options) {
        return new Tokens(KeySettings.source(options, System::nanoTime), options, InstantSource.system());
    }

    @Override
    public Identity verify(String token) {
        if (token.length() > MAX_LENGTH) {
            throw UnauthenticatedException.unchecked("the token has more than " + MAX_LENGTH + " characters");
        }
        VerificationKeys current = keys.current();
        if (current == null) {
            throw UnauthenticatedException.tryLater("the server has no keys for tokens yet");
        }
        ByteBuffer hash = VerifiedTokens.hash(token);
        Identity known = verified.identity(hash, current);
        if (known != null && !known.isExpired(clock.instant())) {
            return known;
        }
        Identity identity = verify(token, current);
        verified.add(hash, current, identity, token.length());
        return identity;
    }

    private Identity verify(String token, VerificationKeys current) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            requireType(jwt.getHeader());
            claims.requireTime(jwt.getJWTClaimsSet(), clock.instant()); // costs less than a signature
            requireSignature(jwt, current);
            requireNoMemberTwice(jwt);
            return claims.identity(jwt.getJWTClaimsSet(), clock.instant());
        } catch (UnauthenticatedException e) {
            throw e;
        } catch (ParseException | RuntimeException e) {
            // Not as a cause: it may quote the token.
            throw UnauthenticatedException.unchecked("this is not a signed token of the expected form");
        }
    }

    private static void requireType(JWSHeader header) {
        JOSEObjectType type = header.getType();
        if (type != null && !TYPES.contains(type)) {
            throw UnauthenticatedException.unchecked("a token of this type does not give access");
        }
        if (header.getCriticalParams() != null) {
            throw UnauthenticatedException.unchecked("the token has critical header parameters");
        }
    }

    private void requireSignature(SignedJWT jwt, VerificationKeys current) {
        if (!current.accept(jwt.getHeader().getAlgorithm())) {
            throw UnauthenticatedException.unchecked("the token's algorithm is not accepted");
        }
        JWSVerifier verifier = current.verifier(jwt.getHeader());
        if (verifier == null) {
            keys.keyIsUnknown();
            throw UnauthenticatedException.unchecked("the token's key is unknown");
        }
        if (!isSigned(jwt, verifier)) {
            throw UnauthenticatedException.needsToken("the token's signature is wrong");
        }
    }

    /**
     * Refuses a claim of rights in which a member is there twice: the library's reader takes the last one, another reader the first. It refuses
     * other claims that are there twice itself.
     *
     * @throws JsonException if one is
     */
    private static void requireNoMemberTwice(SignedJWT jwt) throws ParseException {
        if (TokenClaims.hasGrants(jwt.getJWTClaimsSet())) {
            String claims = jwt.getPayload().toString();
            try (JsonReader reader = Json.createReaderFactory(NO_MEMBER_TWICE).createReader(new StringReader(claims))) {
                reader.readObject();
            }
        }
    }

    private static boolean isSigned(SignedJWT jwt, JWSVerifier verifier) {
        try {
            return jwt.verify(verifier);
        } catch (JOSEException e) {
            return false; // such as an algorithm for another curve
        }
    }

    @Override
    public void tick(Executor background) {
        keys.tick(background);
    }
}
