package dev.tutti.webhook;

import dev.tutti.hub.TimeSource;
import dev.tutti.remote.HttpCalls;
import dev.tutti.webhook.DeliveryOutcome.Kind;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sends signed messages to the receiver, one a request. Blocks its callers. Safe for any thread. */
final class WebhookSender {
    /** For the connection, and for each part of the response. */
    private static final int WAIT_MILLIS = 10_000;

    private static final long CALL_NANOS = 15_000_000_000L;

    /** The longest body of a response that is read; nobody uses it. */
    private static final int RESPONSE_BYTES = 4 << 10;

    private static final long MAX_RETRY_AFTER_SECONDS = 3_600;
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private final WebhookTarget target;
    private final TimeSource time;
    private final HttpCalls calls;

    WebhookSender(WebhookTarget target, TimeSource time) {
        this.target = target;
        this.time = time;
        this.calls = new HttpCalls(
                target.address(), new HttpCalls.Limits(WAIT_MILLIS, CALL_NANOS, RESPONSE_BYTES), time::nanos);
    }

    /** Sends a message once. The signature is as old as the attempt: receivers refuse messages that seem to be old ones, sent again. */
    DeliveryOutcome send(WebhookMessage message) {
        long seconds = TimeUnit.MILLISECONDS.toSeconds(time.millis());
        String signature = target.secrets().value().sign(message.id(), seconds, message.body());
        Map<String, String> headers = Map.of(
                "Content-Type",
                "application/json",
                "User-Agent",
                "Tutti",
                "webhook-id",
                message.id(),
                "webhook-timestamp",
                Long.toString(seconds),
                "webhook-signature",
                signature);
        try {
            return outcome(calls.deliver(headers, message.body()));
        } catch (IOException | RuntimeException e) { // the JDK throws anything when another thread disconnects
            return new DeliveryOutcome(Kind.UNREACHABLE, e.toString(), 0);
        }
    }

    private static DeliveryOutcome outcome(HttpCalls.Receipt receipt) {
        int status = receipt.status();
        if (status / 100 == 2) {
            return DeliveryOutcome.DELIVERED;
        }
        Kind kind = switch (status) {
            case 410 -> Kind.GONE;
            case -1, 429, 502, 503, 504 -> Kind.UNREACHABLE;
            default -> Kind.FAILED;
        };
        return new DeliveryOutcome(kind, "status " + status, pauseNanos(receipt.retryAfter()));
    }

    /** Reads a number of seconds; a date, which is as valid, means no wish. */
    private static long pauseNanos(@Nullable String retryAfter) {
        return retryAfter == null || !SECONDS.matcher(retryAfter).matches()
                ? 0
                : TimeUnit.SECONDS.toNanos(Math.min(Long.parseLong(retryAfter), MAX_RETRY_AFTER_SECONDS));
    }

    /** Ends the requests that take too long, and looks whether the secrets have changed. Does not block. */
    void tick(Executor background) {
        calls.abortLate();
        target.secrets().check(background, () -> {});
    }

    /** Ends all requests, and refuses later ones. */
    void stop() {
        calls.stop();
    }

    @Override
    public String toString() {
        return calls.toString();
    }
}
