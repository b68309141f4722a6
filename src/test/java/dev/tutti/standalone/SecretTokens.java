package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens that are signed with a shared secret, by the JDK alone. Stateless. */
public final class SecretTokens {
    public static final String SECRET = "0123456789abcdef0123456789abcdef";

    private SecretTokens() {}

    /** Returns a token of a user, which ends so many seconds from now. */
    public static String token(String user, long seconds) {
        return token(user, seconds, "");
    }

    /** Returns a token with more claims, such as {@code ,"groups":[]}. */
    public static String token(String user, long seconds, String claims) {
        long end = Instant.now().getEpochSecond() + seconds;
        String text = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(UTF_8)) + "."
                + encode(("{\"sub\":\"" + user + "\",\"exp\":" + end + claims + "}").getBytes(UTF_8));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
            return text + "." + encode(mac.doFinal(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
