package dev.tutti.token;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.tutti.security.Grant;
import dev.tutti.security.Grants;
import dev.tutti.security.Identity;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.Way;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the claims of a token with a valid signature, and reads the identity from them. Immutable. */
record TokenClaims(String issuer, List<String> audiences, Duration skew) {
    /** The claims with the user's name; the first that is there counts (MicroProfile JWT 2.1, section 5.2.1). */
    private static final List<String> USER = List.of("upn", "preferred_username", "sub");

    /** A connection lasts no longer, with any token: a time that no clock reaches is no end. */
    private static final Duration LONGEST = Duration.ofDays(366);

    private static final String ROLES = "groups";
    private static final String GRANTS = "tutti";

    /** UTF-16 units of the longest user name. */
    private static final int MAX_USER_LENGTH = 256;

    /**
     * Returns the identity.
     *
     * @throws UnauthenticatedException if a check fails
     * @throws ParseException if a claim is of a wrong type
     * @throws IllegalArgumentException if the claim of rights is malformed
     */
    Identity identity(JWTClaimsSet claims, Instant now) throws ParseException {
        Instant end = requireTime(claims, now);
        requireIssuer(claims);
        return new Identity(Way.TOKEN, user(claims), roles(claims), attributes(claims), end, grants(claims));
    }

    /**
     * Returns the end of the token.
     *
     * @throws UnauthenticatedException if it has ended, or not begun
     */
    Instant requireTime(JWTClaimsSet claims, Instant now) {
        Date expiry = claims.getExpirationTime();
        if (expiry == null) {
            throw UnauthenticatedException.unchecked("the token has no expiry (exp)");
        }
        Instant end = expiry.toInstant().plus(skew);
        if (!now.isBefore(end)) {
            throw UnauthenticatedException.unchecked("the token has expired");
        }
        Date start = claims.getNotBeforeTime();
        if (start != null && now.isBefore(start.toInstant().minus(skew))) {
            throw UnauthenticatedException.unchecked("the token is not valid yet");
        }
        Instant latest = now.plus(LONGEST);
        return end.isAfter(latest) ? latest : end;
    }

    private void requireIssuer(JWTClaimsSet claims) {
        if (!issuer.isEmpty() && !issuer.equals(claims.getIssuer())) {
            throw UnauthenticatedException.needsToken("the token is of another issuer");
        }
        if (!audiences.isEmpty() && Collections.disjoint(audiences, claims.getAudience())) {
            throw UnauthenticatedException.needsToken("the token is for another audience");
        }
    }

    private static String user(JWTClaimsSet claims) throws ParseException {
        for (String name : USER) {
            String user = claims.getStringClaim(name);
            if (user != null) {
                return validUser(user);
            }
        }
        throw UnauthenticatedException.needsToken("the token names no user (upn, preferred_username or sub)");
    }

    private static String validUser(String user) {
        // A user that chooses its name must not take a guest's.
        if (user.isBlank() || user.length() > MAX_USER_LENGTH || Identity.isGuestName(user)) {
            throw UnauthenticatedException.needsToken("the token's user has no valid name");
        }
        return user;
    }

    private static Set<String> roles(JWTClaimsSet claims) throws ParseException {
        List<String> roles = claims.getStringListClaim(ROLES);
        return roles == null ? Set.of() : Set.copyOf(roles);
    }

    /** Returns the rights that the token carries; null if it carries none. */
    private static @Nullable List<Grant> grants(JWTClaimsSet claims) {
        return hasGrants(claims) ? Grants.ofClaim(claims.getClaim(GRANTS)) : null;
    }

    /** Returns whether the token carries rights. */
    static boolean hasGrants(JWTClaimsSet claims) {
        return claims.getClaims().containsKey(GRANTS);
    }

    /** Returns the facts by which a token can be revoked. */
    private static Map<String, String> attributes(JWTClaimsSet claims) {
        Map<String, String> attributes = new HashMap<>();
        put(attributes, "iss", claims.getIssuer());
        put(attributes, "jti", claims.getJWTID());
        Date issued = claims.getIssueTime();
        put(attributes, "iat", issued == null ? null : issued.toInstant().toString());
        return attributes;
    }

    private static void put(Map<String, String> attributes, String name, @Nullable String value) {
        if (value != null) {
            attributes.put(name, value);
        }
    }
}
