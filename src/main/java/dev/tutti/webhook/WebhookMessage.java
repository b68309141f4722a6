package dev.tutti.webhook;

/**
 * One event on its way to the receiver. Immutable.
 *
 * @param sequence its place among all messages of the queue
 * @param id unique for ever, and the same in each attempt
 * @param subject of the event: the messages of one are sent in their order
 * @param createdMillis when the event happened, in milliseconds since 1970
 * @param body JSON in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record WebhookMessage(long sequence, String id, String subject, long createdMillis, byte[] body) {
    /** Memory of a message beside its body. */
    private static final int OVERHEAD_BYTES = 512;

    /** Returns the bytes of memory that this takes; its record in the journal takes fewer. */
    int bytes() {
        return OVERHEAD_BYTES + body.length;
    }
}
