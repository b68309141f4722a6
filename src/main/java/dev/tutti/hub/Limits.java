package dev.tutti.hub;

import dev.tutti.settings.Setting;

/** What one peer may cost, each with its unit and default; 0 means no limit. Immutable. */
public record Limits(
        @Setting(value = "65536", help = "bytes of one message, in UTF-8", max = 1 << 24)
        int maxMessageBytes,

        @Setting(value = "1048576", help = "bytes that may wait for a client that reads slowly")
        int maxQueuedBytes,

        @Setting(value = "10", help = "seconds that one send may take", max = 3600)
        int maxSendSeconds) {

    /** Returns {@link #maxSendSeconds} in nanoseconds. */
    public long maxSendNanos() {
        return maxSendSeconds * 1_000_000_000L;
    }
}
