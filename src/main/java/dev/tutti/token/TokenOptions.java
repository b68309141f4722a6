package dev.tutti.token;

import dev.tutti.settings.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * The settings of tokens; each means the same as a property {@code mp.jwt.verify.*} of MicroProfile JWT. Immutable.
 *
 * <p>Source: MicroProfile JWT 2.1, section 9.2.
 */
public record TokenOptions(
        // mp.jwt.verify.publickey.location
        @Setting(value = "", help = "keys of tokens: https address of a JWKS, or file with a JWKS or PEM public key")
        String jwtKeys,

        @Setting(value = "", help = "shared secret of tokens, for development; 32 bytes at least")
        String jwtSecret,

        // mp.jwt.verify.publickey.algorithm
        @Setting(value = "", help = "accepted algorithms, with commas; RS256,ES256 with keys, HS256 with a secret")
        String jwtAlgorithms,

        // mp.jwt.verify.issuer
        @Setting(value = "", help = "issuer of accepted tokens (iss); required with keys")
        String jwtIssuer,

        // mp.jwt.verify.audiences
        @Setting(value = "", help = "audiences of accepted tokens (aud), with commas, or *; required with keys")
        String jwtAudiences,

        // mp.jwt.verify.clock.skew
        @Setting(value = "30", help = "seconds by which the clocks of the issuer and this server may differ", max = 600)
        int jwtClockSkew) {

    /** Accepts tokens for any audience, or for none. */
    static final String ANY_AUDIENCE = "*";

    /** Returns the audiences; empty if any is accepted. */
    List<String> audiences() {
        List<String> listed = elements(jwtAudiences);
        return listed.contains(ANY_AUDIENCE) ? List.of() : listed;
    }

    /** Returns the names of the algorithms; empty for the default. */
    List<String> algorithms() {
        return elements(jwtAlgorithms);
    }

    /** Hides the secret. */
    @Override
    public String toString() {
        return "TokenOptions[keys=" + jwtKeys + ", issuer=" + jwtIssuer + ", audiences=" + jwtAudiences + "]";
    }

    private static List<String> elements(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }
}
