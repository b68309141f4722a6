package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import dev.tutti.security.UnauthenticatedException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519Test {
    private static final KeyPair KEY = newKey();
    private static final OctetKeyPair JWK = new OctetKeyPair.Builder(
                    Curve.Ed25519, Base64URL.encode(Ed25519.bytes(KEY.getPublic())))
            .keyID("ed-1")
            .build();

    private static final Tokens TOKENS = new Tokens(
            () -> VerificationKeys.parse(
                    Signed.jwks(Signed.RSA, JWK), Set.of(JWSAlgorithm.RS256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519)),
            new TokenOptions("keys", "", "", Signed.ISSUER, Signed.AUDIENCE, 30),
            () -> Signed.NOW);

    private static KeyPair newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] signature(KeyPair key, String text) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key.getPrivate());
        signature.update(text.getBytes(UTF_8));
        return signature.sign();
    }

    private static String unsigned(String algorithm, String kid) {
        return Base64URL.encode("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + kid + "\"}") + "."
                + Base64URL.encode(Signed.claims().build().toString());
    }

    private static void assertRefused(String token, String reason) {
        assertThatThrownBy(() -> TOKENS.verify(token))
                .isInstanceOf(UnauthenticatedException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EdDSA", "Ed25519"})
    void signatureOfTheIssuerPasses(String algorithm) throws GeneralSecurityException {
        String text = unsigned(algorithm, "ed-1");

        assertThat(TOKENS.verify(text + "." + Base64URL.encode(signature(KEY, text)))
                        .user())
                .isEqualTo("ann");
    }

    @Test
    void otherSignatureIsRefused() throws GeneralSecurityException {
        String text = unsigned("EdDSA", "ed-1");
        byte[] good = signature(KEY, text);
        byte[] longer = Arrays.copyOf(good, good.length + 1);

        assertRefused(text + "." + Base64URL.encode(signature(newKey(), text)), "signature is wrong");
        assertRefused(text + "." + Base64URL.encode(signature(KEY, "other")), "signature is wrong");
        assertRefused(text + "." + Base64URL.encode(new byte[64]), "signature is wrong");
        assertRefused(text + "." + Base64URL.encode(longer), "signature is wrong");
        assertRefused(text + "." + Base64URL.encode(new byte[3]), "signature is wrong");
    }

    @Test
    void keyVerifiesItsOwnAlgorithmOnly() throws GeneralSecurityException {
        for (String[] algorithmAndKey : new String[][] {{"RS256", "ed-1"}, {"EdDSA", "rsa-1"}}) {
            String text = unsigned(algorithmAndKey[0], algorithmAndKey[1]);
            assertRefused(text + "." + Base64URL.encode(signature(KEY, text)), "key is unknown");
        }
    }
}
