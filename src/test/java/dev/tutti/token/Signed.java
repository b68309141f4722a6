package dev.tutti.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;

/** The keys of an issuer and an attacker, and tokens that they sign. Stateless. */
final class Signed {
    static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    static final String ISSUER = "https://issuer.example";
    static final String AUDIENCE = "tutti";

    static final RSAKey RSA = rsa("rsa-1");
    static final ECKey EC = ec("ec-1");
    static final RSAKey ATTACKER = rsa("attacker");

    private Signed() {}

    /** Returns a key of 2048 bits. */
    static RSAKey rsa(String name) {
        try {
            return new RSAKeyGenerator(2048).keyID(name).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec(String name) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(name).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the text of a JWKS with the public parts of keys. */
    static String jwks(JWK... keys) {
        return new JWKSet(List.of(keys)).toString(true);
    }

    /** Returns the claims of a token that passes, for an hour. */
    static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("ann")
                .expirationTime(at(3600));
    }

    /** Returns the time so many seconds from now. */
    static Date at(long seconds) {
        return Date.from(NOW.plusSeconds(seconds));
    }

    /** Returns a token of the issuer's RSA key with other claims than {@link #claims}. */
    static String token(Consumer<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims = claims();
        change.accept(claims);
        return token(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(RSA.getKeyID()).build(), RSA, claims.build());
    }

    /** Returns a token with valid claims. */
    static String token(JWSHeader header, JWK key) {
        return token(header, key, claims().build());
    }

    private static String token(JWSHeader header, JWK key, JWTClaimsSet claims) {
        SignedJWT jwt = new SignedJWT(header, claims);
        try {
            jwt.sign(signer(key));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return jwt.serialize();
    }

    /** Returns a token with valid claims, signed by HMAC. */
    static String token(JWSHeader header, byte[] secret) {
        SignedJWT jwt = new SignedJWT(header, claims().build());
        try {
            jwt.sign(new MACSigner(secret));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return jwt.serialize();
    }

    /** Returns a token of the issuer's RSA key with any text for claims. */
    static String tokenOf(String payload) {
        JWSObject jws = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(RSA.getKeyID()).build(),
                new Payload(payload.getBytes(StandardCharsets.UTF_8)));
        try {
            jws.sign(signer(RSA));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return jws.serialize();
    }

    private static JWSSigner signer(JWK key) throws JOSEException {
        return key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key);
    }
}
