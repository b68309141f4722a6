package dev.tutti.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;

/** Tokens of an issuer, signed by ES256, whose check costs a server much, and tokens that others have signed. Safe for any thread. */
final class SignedTokens {
    private static final KeyPair ISSUER = newKey();
    private static final KeyPair OTHER = newKey();

    private SignedTokens() {}

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the issuer's public key in PEM. */
    static String publicKey() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(ISSUER.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** Returns a token of a user that passes for an hour. */
    static String good(String user) {
        return signed(user, ISSUER);
    }

    /** Returns a token that differs from a good one by its signature only. */
    static String bad(String user) {
        return signed(user, OTHER);
    }

    private static String signed(String user, KeyPair key) {
        long end = Instant.now().getEpochSecond() + 3_600;
        String text = encode("{\"alg\":\"ES256\"}".getBytes(UTF_8)) + "."
                + encode(("{\"sub\":\"" + user + "\",\"iss\":\"attacks\",\"exp\":" + end + "}").getBytes(UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key.getPrivate());
            signature.update(text.getBytes(UTF_8));
            return text + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
