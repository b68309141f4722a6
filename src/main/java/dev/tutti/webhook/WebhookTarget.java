package dev.tutti.webhook;

import dev.tutti.remote.HttpCalls;
import dev.tutti.settings.Settings;
import dev.tutti.settings.WatchedFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The receiver of webhooks: its address, its secrets, and the events that it gets. Safe for any thread; only the secrets change, when their file
 * does.
 */
public final class WebhookTarget {
    private static final Logger LOG = System.getLogger(WebhookTarget.class.getName());

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    private final URL address;
    private final WatchedFile<WebhookSecrets> secrets;
    private final EventSelection events;
    private final int queueBytes;

    private WebhookTarget(URL address, WatchedFile<WebhookSecrets> secrets, EventSelection events, int queueBytes) {
        this.address = address;
        this.secrets = secrets;
        this.events = events;
        this.queueBytes = queueBytes;
    }

    /**
     * Returns the receiver of some settings; empty if they name none.
     *
     * @param lookup returns the value of a name such as {@code webhook-url}; null for the default
     * @throws IllegalArgumentException if a setting is invalid, or there is no secret; the message names the setting
     */
    public static Optional<WebhookTarget> of(UnaryOperator<@Nullable String> lookup) {
        WebhookOptions options = Settings.read(WebhookOptions.class, lookup);
        EventSelection events = EventSelection.of(options.webhookEvents());
        String text = options.webhookUrl();
        if (text.isBlank()) {
            return Optional.empty();
        }
        URL address = HttpCalls.address("webhook-url", text);
        if (address.getUserInfo() != null) {
            throw new IllegalArgumentException("webhook-url: leave out user and password: the signature is the proof");
        }
        if (options.webhookSecretFile().isBlank()) {
            throw new IllegalArgumentException("webhook-secret-file: name a file with a secret for webhook-url");
        }
        if (!address.getProtocol().equals("https") && !THIS_MACHINE.contains(address.getHost())) {
            LOG.log(Level.WARNING, "webhook-url: anybody between here and there can read the events: use https");
        }
        WatchedFile<WebhookSecrets> secrets =
                WatchedFile.read("webhook-secret-file", options.webhookSecretFile(), WebhookSecrets::parse);
        return Optional.of(new WebhookTarget(address, secrets, events, options.webhookQueueBytes()));
    }

    URL address() {
        return address;
    }

    WatchedFile<WebhookSecrets> secrets() {
        return secrets;
    }

    EventSelection events() {
        return events;
    }

    /** Returns the bytes of events that may wait for the receiver. */
    int queueBytes() {
        return queueBytes;
    }
}
