package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates and private keys in PEM (RFC 7468). Stateless.
 *
 * <p>The JDK reads keys in PKCS #8 only. The older PKCS #1 and SEC 1 hold the same key without its algorithm; this class wraps them into
 * PKCS #8.
 */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private static final List<String> KEY_KINDS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    /** Version 0 in DER. */
    private static final byte[] VERSION_0 = hex("020100");

    /** The algorithm rsaEncryption in DER (RFC 3279). */
    private static final byte[] RSA = hex("300d06092a864886f70d0101010500");
    /** The algorithm ecPublicKey in DER, which its curve follows (RFC 3279). */
    private static final byte[] EC = hex("06072a8648ce3d0201");

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    /** The tag of an EC key's curve: element [0] (RFC 5915). */
    private static final int CURVE = 0xA0;

    private Pem() {}

    /**
     * Returns a certificate chain in file order; the server's certificate is the first.
     *
     * @throws CertificateException if there is none, or one is malformed
     */
    static X509Certificate[] certificates(String text) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            if (block.group(1).equals("CERTIFICATE")) {
                chain.add((X509Certificate)
                        factory.generateCertificate(new ByteArrayInputStream(decoded(block.group(2)))));
            }
        }
        if (chain.isEmpty()) {
            throw new CertificateException("it contains no CERTIFICATE");
        }
        return chain.toArray(X509Certificate[]::new);
    }

    /**
     * Returns the first private key: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC).
     *
     * @throws GeneralSecurityException if there is none, or it is encrypted or malformed
     */
    static PrivateKey privateKey(String text) throws GeneralSecurityException {
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            byte[] pkcs8 = pkcs8(block.group(1), decoded(block.group(2)));
            if (pkcs8 != null) {
                return privateKey(pkcs8);
            }
        }
        throw new InvalidKeyException("it contains no PRIVATE KEY");
    }

    private static byte @Nullable [] pkcs8(String kind, byte[] key) throws InvalidKeyException {
        return switch (kind) {
            case "PRIVATE KEY" -> key;
            case "RSA PRIVATE KEY" -> element(SEQUENCE, VERSION_0, RSA, element(OCTET_STRING, key));
            case "EC PRIVATE KEY" ->
                element(SEQUENCE, VERSION_0, element(SEQUENCE, EC, curve(key)), element(OCTET_STRING, key));
            case "ENCRYPTED PRIVATE KEY" ->
                throw new InvalidKeyException("the key is encrypted; a key without a passphrase is required");
            default -> null;
        };
    }

    private static PrivateKey privateKey(byte[] pkcs8) throws GeneralSecurityException {
        InvalidKeyException unknown = new InvalidKeyException("the key is malformed, or not RSA, EC or EdDSA");
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                unknown.addSuppressed(e);
            }
        }
        throw unknown;
    }

    private static byte[] decoded(String base64) {
        return Base64.getMimeDecoder().decode(base64.getBytes(ISO_8859_1));
    }

    /** Returns the curve of an EC key in DER. */
    private static byte[] curve(byte[] key) throws InvalidKeyException {
        try {
            int at = contentStart(key, 0);
            while (at < key.length) {
                int start = contentStart(key, at);
                int end = start + contentLength(key, at);
                if ((key[at] & 0xFF) == CURVE) {
                    byte[] curve = new byte[end - start];
                    System.arraycopy(key, start, curve, 0, curve.length);
                    return curve;
                }
                at = end;
            }
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new InvalidKeyException("the key is truncated or corrupt", e);
        }
        throw new InvalidKeyException("the key does not name its curve");
    }

    /** Returns the index of the content of the DER element at an index: after its tag and its length of one to three bytes. */
    private static int contentStart(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        return at + 2 + (first < 0x80 ? 0 : first - 0x80);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        int length = first < 0x80 ? first : 0;
        for (int i = at + 2; i < contentStart(der, at); i++) {
            length = (length << 8) | (der[i] & 0xFF);
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream element = new ByteArrayOutputStream(length + 5);
        element.write(tag);
        if (length >= 0x80) {
            element.write(0x82);
            element.write(length >> 8);
        }
        element.write(length);
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
