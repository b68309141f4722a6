package dev.tutti.hub;

import dev.tutti.rate.LeakyBucket;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The use of one user: rooms, open documents, and input of all connections together, from any address. Safe for any thread.
 *
 * <p>Guests have none: they can take any number of names, so only the limits of addresses hold for them.
 */
public final class UserUsage {
    /** How long the averages may be exceeded at any speed. */
    static final long BURST_NANOS = 5_000_000_000L;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final String user;
    private final int maxRooms;
    private final int maxDocuments;
    /** 0 for no limit. */
    private final long nanosPerMessage;
    /** 0 for no limit. */
    private final double nanosPerByte;

    private final AtomicInteger rooms = new AtomicInteger();
    private final AtomicInteger documents = new AtomicInteger();

    // Guarded by this.
    private final LeakyBucket messages;
    private final LeakyBucket bytes;

    UserUsage(String user, Limits limits, long nowNanos) {
        this.user = user;
        this.maxRooms = limits.maxRoomsPerUser();
        this.maxDocuments = limits.maxDocumentsPerUser();
        int messagesPerSecond = limits.maxMessagesPerSecondPerUser();
        this.nanosPerMessage = messagesPerSecond == 0 ? 0 : SECOND_NANOS / messagesPerSecond;
        long bytesPerSecond = limits.maxBytesPerSecondPerUser();
        this.nanosPerByte = bytesPerSecond == 0 ? 0 : (double) SECOND_NANOS / bytesPerSecond;
        this.messages = new LeakyBucket(nowNanos);
        this.bytes = new LeakyBucket(nowNanos);
    }

    String user() {
        return user;
    }

    /**
     * Counts one more membership in a room; {@link #removeRoom} must follow.
     *
     * @throws LimitException if the user is in too many; then nothing is counted
     */
    void addRoom() {
        add(rooms, maxRooms, LimitBreach.ROOMS_PER_USER);
    }

    void removeRoom() {
        rooms.decrementAndGet();
    }

    /**
     * Counts one more open document; {@link #removeDocument} must follow.
     *
     * @throws LimitException if the user has too many open; then nothing is counted
     */
    public void addDocument() {
        add(documents, maxDocuments, LimitBreach.DOCUMENTS_PER_USER);
    }

    /** Stops counting a document. */
    public void removeDocument() {
        documents.decrementAndGet();
    }

    private static void add(AtomicInteger count, int max, LimitBreach breach) {
        if (count.incrementAndGet() > max && max != 0) {
            count.decrementAndGet();
            throw new LimitException(breach);
        }
    }

    /** Counts a message; returns the limit that it exceeds, null for none. */
    synchronized @Nullable LimitBreach receive(int messageBytes, long nowNanos) {
        if (messages.level(nowNanos) > BURST_NANOS) {
            return LimitBreach.MESSAGE_RATE_PER_USER;
        }
        if (bytes.level(nowNanos) > BURST_NANOS) {
            return LimitBreach.INPUT_RATE_PER_USER;
        }
        messages.add(nanosPerMessage, nowNanos);
        bytes.add((long) (messageBytes * nanosPerByte), nowNanos);
        return null;
    }

    /** Returns whether nothing of this use is left that a new connection must not forget. */
    synchronized boolean isForgettable(long nowNanos) {
        return messages.level(nowNanos) == 0 && bytes.level(nowNanos) == 0;
    }
}
