package dev.tutti.token;

import dev.tutti.settings.MicroProfileConfig;
import dev.tutti.settings.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of tokens, whose defaults are the properties {@code mp.jwt.verify.*} of MicroProfile JWT. Immutable.
 *
 * <p>Source: MicroProfile JWT 2.1, section 9.2.
 */
public record TokenOptions(
        @Setting(value = "", help = "keys of tokens: https address of a JWKS, or file with a JWKS or PEM public key")
        String jwtKeys,

        @Setting(value = "", help = "shared secret of tokens, for development; 32 bytes at least", secret = true)
        String jwtSecret,

        @Setting(value = "", help = "accepted algorithms, with commas; RS256,ES256 with keys, HS256 with a secret")
        String jwtAlgorithms,

        @Setting(value = "", help = "issuer of accepted tokens (iss); required with keys")
        String jwtIssuer,

        @Setting(value = "", help = "audiences of accepted tokens (aud), with commas, or *; required with keys")
        String jwtAudiences,

        @Setting(value = "30", help = "seconds by which the clocks of the issuer and this server may differ", max = 600)
        int jwtClockSkew) {

    /** The MicroProfile properties that are the defaults of settings. */
    private static final Map<String, String> MICROPROFILE = Map.of(
            "jwt-keys", "mp.jwt.verify.publickey.location",
            "jwt-algorithms", "mp.jwt.verify.publickey.algorithm",
            "jwt-issuer", "mp.jwt.verify.issuer",
            "jwt-audiences", "mp.jwt.verify.audiences",
            "jwt-clock-skew", "mp.jwt.verify.clock.skew");

    /** Accepts tokens for any audience, or for none. */
    static final String ANY_AUDIENCE = "*";

    /**
     * Returns a lookup of settings that falls back to the properties of MicroProfile JWT. With a secret it does not: keys and algorithms of others
     * do not fit it.
     *
     * @param lookup returns the value of a name such as {@code jwt-keys}; null if nothing sets it
     */
    public static UnaryOperator<@Nullable String> withMicroProfile(
            UnaryOperator<@Nullable String> lookup, MicroProfileConfig config) {
        String secret = lookup.apply("jwt-secret");
        if (secret != null && !secret.isEmpty()) {
            return lookup;
        }
        return name -> {
            String value = lookup.apply(name);
            String property = MICROPROFILE.get(name);
            return value == null && property != null ? config.get(property) : value;
        };
    }

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
