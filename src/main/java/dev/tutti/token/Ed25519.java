package dev.tutti.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * Verifies signatures of Ed25519 with the JDK: nimbus would need another library for them. Immutable.
 *
 * <p>Source: RFC 8037 section 3.1; RFC 9864, which names the algorithm {@code Ed25519}.
 */
final class Ed25519 extends BaseJWSProvider implements JWSVerifier {
    static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

    /** The bytes of a key in X.509 before the key itself (RFC 8410 section 10.1). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int KEY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;
    private static final String NAME = "Ed25519";

    private final PublicKey key;

    /**
     * Makes the verifier of a public key.
     *
     * @param bytes of the key (RFC 8032 section 5.1.5)
     */
    Ed25519(byte[] bytes) throws GeneralSecurityException {
        super(ALGORITHMS);
        byte[] x509 = new byte[X509_PREFIX.length + bytes.length];
        System.arraycopy(X509_PREFIX, 0, x509, 0, X509_PREFIX.length);
        System.arraycopy(bytes, 0, x509, X509_PREFIX.length, bytes.length);
        this.key = KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(x509));
    }

    /** Returns the bytes of a key that Java has read. */
    static byte[] bytes(PublicKey key) {
        byte[] x509 = key.getEncoded();
        return Arrays.copyOfRange(x509, x509.length - KEY_BYTES, x509.length);
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signingInput, Base64URL signature) throws JOSEException {
        byte[] bytes = signature.decode();
        if (bytes.length != SIGNATURE_BYTES) { // Java ignores further ones
            return false;
        }
        try {
            Signature check = Signature.getInstance(NAME);
            check.initVerify(key);
            check.update(signingInput);
            return check.verify(bytes);
        } catch (SignatureException e) {
            return false; // no signature of this curve
        } catch (GeneralSecurityException e) {
            throw new JOSEException("Ed25519 does not work", e);
        }
    }
}
