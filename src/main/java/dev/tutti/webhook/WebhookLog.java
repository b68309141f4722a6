package dev.tutti.webhook;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Says in the log, at most once a minute, which attempts have failed and how many events were dropped. Confined to the run of {@link Webhooks}. */
final class WebhookLog {
    private static final Logger LOG = System.getLogger(Webhooks.class.getName());
    private static final long PAUSE_NANOS = 60_000_000_000L;

    private final String receiver;
    private final WebhookCounts counts;
    private String lastReason = "";
    private long loggedFailed;
    private long loggedDropped;
    private boolean hasLogged;
    private long loggedNanos;

    WebhookLog(String receiver, WebhookCounts counts) {
        this.receiver = receiver;
        this.counts = counts;
    }

    void failed(String reason) {
        lastReason = reason;
    }

    /** Returns whether there is something to say. */
    boolean isDue() {
        return counts.failed() > loggedFailed || counts.dropped() > loggedDropped;
    }

    /** Writes a line if there is something to say, and the last one is a minute old. */
    void write(long nowNanos) {
        if (!isDue() || (hasLogged && nowNanos - loggedNanos < PAUSE_NANOS)) {
            return;
        }
        long failed = counts.failed();
        long dropped = counts.dropped();
        LOG.log(
                Level.WARNING,
                "webhooks to " + receiver + ": " + (failed - loggedFailed) + " attempts failed, the last because of '"
                        + lastReason + "'; " + (dropped - loggedDropped) + " events were dropped, and "
                        + counts.queuedBytes() + " bytes wait");
        hasLogged = true;
        loggedNanos = nowNanos;
        loggedFailed = failed;
        loggedDropped = dropped;
    }
}
