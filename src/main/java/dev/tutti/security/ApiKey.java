package dev.tutti.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key of the HTTP API, as a line of a file describes it: a name, the SHA-256 of the key, and maybe rights. The key itself is nowhere. A plain hash is
 * enough: a key has 256 random bits, which nobody finds by trying. Immutable.
 */
final class ApiKey {
    /** The begin of each key: it tells keys from signed tokens, and lets secret scanners find keys that were published by mistake. */
    private static final String PREFIX = "tutti_";

    private static final int RANDOM_BYTES = 32;

    private static final Pattern KEY = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private static final Pattern LINE = Pattern.compile("(\\S+)\\s+([0-9a-f]{64})(?:\\s+(\\[.*\\]))?");

    private final byte[] hash;
    private final Identity identity;

    private ApiKey(byte[] hash, Identity identity) {
        this.hash = hash;
        this.identity = identity;
    }

    /**
     * Returns the key of a line.
     *
     * @param rights reads a JSON array of rules without user and role
     * @throws IllegalArgumentException if the line describes none; the message names the fault, and contains nothing of the line
     */
    static ApiKey parse(String line, Function<String, List<Grant>> rights) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches() || !NAME.matcher(parts.group(1)).matches()) {
            throw new IllegalArgumentException(
                    "a line is a name, the SHA-256 of a key in hexadecimal digits, and maybe an array of rights");
        }
        List<Grant> grants = parts.group(3) == null ? null : rights.apply(parts.group(3));
        return new ApiKey(HexFormat.of().parseHex(parts.group(2)), Identity.ofApiKey(parts.group(1), grants));
    }

    /** Returns a new key. */
    static String generate(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * Returns the line of a key, without rights.
     *
     * @throws IllegalArgumentException if a key cannot have this name
     */
    static String line(String name, String key) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the name of a key is 1 to 64 letters, digits and . _ -");
        }
        return name + " " + HexFormat.of().formatHex(hash(key));
    }

    /** Returns whether a bearer token is meant as a key. */
    static boolean isMeant(String token) {
        return token.startsWith(PREFIX);
    }

    /** Returns whether a token has the form of a key; others need no hash. */
    static boolean isWellFormed(String token) {
        return token.length() == PREFIX.length() + 43 && KEY.matcher(token).matches();
    }

    static byte[] hash(String key) {
        return Sha256.of(key.getBytes(UTF_8));
    }

    /** Returns whether this is the key of a hash, in a time that does not depend on how much of it is equal. */
    boolean hasHash(byte[] presented) {
        return MessageDigest.isEqual(hash, presented);
    }

    Identity identity() {
        return identity;
    }
}
