package dev.tutti.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookTargetTest {
    @TempDir
    private Path directory;

    private static void assertRefused(Map<String, String> settings, String message) {
        assertThatThrownBy(() -> WebhookTarget.of(settings::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void withoutAddressThereIsNone() {
        assertThat(WebhookTarget.of(name -> null)).isEmpty();
    }

    @Test
    void invalidSettingsAreNamed() throws IOException {
        String secrets = Files.writeString(directory.resolve("secrets"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .toString();
        String address = "https://example.org/hooks";
        assertRefused(Map.of("webhook-url", "ftp://example.org", "webhook-secret-file", secrets), "webhook-url: ");
        assertRefused(
                Map.of("webhook-url", "https://ann:pass@example.org/", "webhook-secret-file", secrets),
                "webhook-url: ");
        assertRefused(Map.of("webhook-url", address), "webhook-secret-file: ");
        assertRefused(Map.of("webhook-url", address, "webhook-secret-file", secrets + "-"), "webhook-secret-file: ");
        assertRefused(
                Map.of("webhook-url", address, "webhook-secret-file", secrets, "webhook-events", "nonsense"),
                "webhook-events: ");
        assertThat(WebhookTarget.of(Map.of("webhook-url", address, "webhook-secret-file", secrets)::get))
                .isPresent();
    }
}
