package dev.tutti.webhook;

import dev.tutti.event.Event;
import java.util.concurrent.CountDownLatch;

/** An event in the mailbox of {@link Webhooks}. */
sealed interface WebhookSignal {
    /** Returns the bytes that the signal holds while it waits; 0 for one that is always accepted. */
    default int bytes() {
        return 0;
    }

    /** Something has happened that the receiver gets. */
    record Happened(Event event) implements WebhookSignal {
        @Override
        public int bytes() {
            return event.bytes();
        }
    }

    /** An attempt to deliver a message has ended. */
    record Attempted(WebhookMessage message, DeliveryOutcome outcome) implements WebhookSignal {}

    /** Time has passed. */
    record Tick() implements WebhookSignal {}

    /**
     * The server stops.
     *
     * @param done is released when no message is left, or the receiver fails
     */
    record Drain(CountDownLatch done) implements WebhookSignal {}

    /**
     * Nothing more is sent.
     *
     * @param done is released when the journal is closed
     */
    record Close(CountDownLatch done) implements WebhookSignal {}
}
