package dev.tutti.webhook;

/**
 * The result of an attempt to deliver a message. Immutable.
 *
 * @param reason of a failure, for the log
 * @param pauseNanos for which the receiver wants to be left alone; 0 if it has not said so
 */
record DeliveryOutcome(Kind kind, String reason, long pauseNanos) {
    static final DeliveryOutcome DELIVERED = new DeliveryOutcome(Kind.DELIVERED, "", 0);

    /** The meaning of a result for the message and for others. */
    enum Kind {
        /** The receiver has the message. */
        DELIVERED,
        /** The receiver has refused this message. */
        FAILED,
        /** The receiver answers no message. */
        UNREACHABLE,
        /** The receiver wants no messages any more. */
        GONE
    }
}
