package dev.tutti.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets that sign webhooks: one, or two while one replaces the other. Immutable.
 *
 * <p>Source: Standard Webhooks, "Signature scheme" and "Secret rotation".
 */
final class WebhookSecrets {
    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final int MAX_SECRETS = 2;

    private final List<SecretKeySpec> keys;

    private WebhookSecrets(List<SecretKeySpec> keys) {
        this.keys = keys;
    }

    /**
     * Returns the secrets of a file, one a line.
     *
     * @throws IllegalArgumentException if there are none, or too many, or one has another form; the message does not contain it
     */
    static WebhookSecrets parse(String text) {
        List<SecretKeySpec> keys = text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .map(WebhookSecrets::key)
                .toList();
        if (keys.isEmpty() || keys.size() > MAX_SECRETS) {
            throw new IllegalArgumentException("there must be one secret, or two while you change it, each on a line");
        }
        return new WebhookSecrets(keys);
    }

    private static SecretKeySpec key(String line) {
        if (line.startsWith(PREFIX)) {
            try {
                byte[] secret = Base64.getDecoder().decode(line.substring(PREFIX.length()));
                if (secret.length >= MIN_BYTES && secret.length <= MAX_BYTES) {
                    return new SecretKeySpec(secret, ALGORITHM);
                }
            } catch (IllegalArgumentException e) {
                // refused below, without the secret in the message
            }
        }
        throw new IllegalArgumentException(
                "a secret is whsec_ and " + MIN_BYTES + " to " + MAX_BYTES + " random bytes in Base64");
    }

    /** Returns the value of {@code webhook-signature}: a signature by each secret. */
    String sign(String id, long timestampSeconds, byte[] body) {
        byte[] head = (id + '.' + timestampSeconds + '.').getBytes(UTF_8);
        return keys.stream()
                .map(key -> "v1," + Base64.getEncoder().encodeToString(hmac(key, head, body)))
                .collect(Collectors.joining(" "));
    }

    private static byte[] hmac(SecretKeySpec key, byte[] head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(head);
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new LinkageError("every Java has " + ALGORITHM, e);
        }
    }
}
