package dev.tutti.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretsTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private static String sign(String secrets) {
        byte[] body = "{\"test\": 2432232314}".getBytes(UTF_8);
        return WebhookSecrets.parse(secrets).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body);
    }

    /** The example that implementations of Standard Webhooks share. */
    @Test
    void signatureIsThatOfOtherImplementations() {
        assertThat(sign(SECRET)).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void twoSecretsMakeTwoSignatures() {
        assertThat(sign("\n" + OTHER + "\r\n" + SECRET + "\n")).isEqualTo(sign(OTHER) + " " + sign(SECRET));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_",
                "whsec_c2hvcnQ=",
                "whsec_not base64!",
                SECRET + "\n" + SECRET + "\n" + SECRET,
                "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            })
    void unusableSecretsAreRefusedAndNotShown(String text) {
        assertThatThrownBy(() -> WebhookSecrets.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("c2hvcnQ", "MfKQ9", "not base64");
    }
}
