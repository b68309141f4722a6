package dev.tutti.token;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads public keys and certificates in PEM (RFC 7468). Stateless. */
final class PemKeys {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private static final List<String> KINDS = List.of("RSA", "EC", "Ed25519");

    private static final String OTHER_KIND = "neither an RSA nor a known EC or Ed25519 key";

    private PemKeys() {}

    /**
     * Returns the public keys of a text, without names. Ignores private keys.
     *
     * @throws GeneralSecurityException if a public key or a certificate is malformed
     */
    static List<JWK> parse(String text) throws GeneralSecurityException {
        List<JWK> keys = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            byte[] bytes = Base64.getMimeDecoder().decode(block.group(2));
            switch (block.group(1)) {
                case "PUBLIC KEY" -> keys.add(jwk(publicKey(bytes)));
                case "CERTIFICATE" ->
                    keys.add(jwk(CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(bytes))
                            .getPublicKey()));
                default -> {}
            }
        }
        return keys;
    }

    private static PublicKey publicKey(byte[] bytes) throws GeneralSecurityException {
        X509EncodedKeySpec spec = new X509EncodedKeySpec(bytes);
        for (String kind : KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePublic(spec);
            } catch (InvalidKeySpecException e) {
                // it may be of the next kind
            }
        }
        throw new InvalidKeySpecException(OTHER_KIND);
    }

    private static JWK jwk(PublicKey key) throws GeneralSecurityException {
        if (key instanceof RSAPublicKey rsa) {
            return new RSAKey.Builder(rsa).build();
        }
        if (key instanceof ECPublicKey ec) {
            Curve curve = Curve.forECParameterSpec(ec.getParams());
            if (curve != null) {
                return new ECKey.Builder(curve, ec).build();
            }
        }
        if (key instanceof EdECPublicKey ed && ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName())) {
            return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(Ed25519.bytes(ed))).build();
        }
        throw new InvalidKeySpecException(OTHER_KIND);
    }
}
