package dev.tutti.hub;

import dev.tutti.rate.LeakyBucket;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The use of one user: rooms, open documents, and input of all connections together, from any address, also those that other servers have reported. Safe for
 * any thread.
 *
 * <p>Guests have none: they can take any number of names, so only the limits of addresses hold for them.
 */
public final class UserUsage {
    /** How long the averages may be exceeded at any speed. */
    static final long BURST_NANOS = 5_000_000_000L;

    private static final long SECOND_NANOS = 1_000_000_000L;

    /** A use below so many parts of the limit is not reported to other servers. */
    static final int SHARES = 16;

    private final String user;
    private final UsersElsewhere elsewhere;
    private final int maxConnections;
    private final int maxRooms;
    private final int maxDocuments;
    private final int messagesPerSecond;
    private final long bytesPerSecond;
    /** 0 for no limit. */
    private final long nanosPerMessage;
    /** 0 for no limit. */
    private final double nanosPerByte;

    private final AtomicInteger rooms = new AtomicInteger();
    private final AtomicInteger documents = new AtomicInteger();

    // Guarded by this.
    private final LeakyBucket messages;
    private final LeakyBucket bytes;

    private long receivedMessages;
    private long receivedBytes;
    /** The last report to other servers that tells them of something open; null if there is none. */
    private @Nullable UserUse reported;

    UserUsage(String user, Limits limits, UsersElsewhere elsewhere, long nowNanos) {
        this.user = user;
        this.elsewhere = elsewhere;
        this.maxConnections = limits.maxConnectionsPerUser();
        this.maxRooms = limits.maxRoomsPerUser();
        this.maxDocuments = limits.maxDocumentsPerUser();
        this.messagesPerSecond = limits.maxMessagesPerSecondPerUser();
        this.nanosPerMessage = messagesPerSecond == 0 ? 0 : SECOND_NANOS / messagesPerSecond;
        this.bytesPerSecond = limits.maxBytesPerSecondPerUser();
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
        add(rooms, maxRooms, elsewhere.rooms(user), LimitBreach.ROOMS_PER_USER);
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
        add(documents, maxDocuments, elsewhere.documents(user), LimitBreach.DOCUMENTS_PER_USER);
    }

    /** Stops counting a document. */
    public void removeDocument() {
        documents.decrementAndGet();
    }

    private static void add(AtomicInteger count, int max, int there, LimitBreach breach) {
        if ((long) count.incrementAndGet() + there > max && max != 0) {
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
        receivedMessages++;
        receivedBytes += messageBytes;
        return null;
    }

    /**
     * Counts messages that another server has received: then the user has sent too many if all servers together have received them. However many they
     * are, the user waits for ten seconds at most.
     */
    synchronized void receiveElsewhere(long count, long sumBytes, long nowNanos) {
        messages.add((long) Math.min(2.0 * BURST_NANOS, (double) count * nanosPerMessage), nowNanos);
        bytes.add((long) Math.min(2.0 * BURST_NANOS, sumBytes * nanosPerByte), nowNanos);
    }

    /**
     * Returns the use since the last call, for other servers. What is open counts if a part of it is at least a sixteenth of its limit, and so does the input.
     *
     * @param connections open now
     * @param wantsAll whether also a use that has not changed is returned
     * @return null for nothing to report
     */
    synchronized @Nullable UserUse report(int connections, boolean wantsAll) {
        boolean isBusy = matters(receivedMessages, messagesPerSecond) || matters(receivedBytes, bytesPerSecond);
        long sumMessages = isBusy ? receivedMessages : 0;
        long sumBytes = isBusy ? receivedBytes : 0;
        receivedMessages = 0;
        receivedBytes = 0;
        UserUse open = open(connections);
        UserUse last = reported;
        reported = open.isIdle() ? null : open;
        boolean isNew = open.isIdle() ? last != null : wantsAll || !open.equals(last);
        return isBusy || isNew
                ? new UserUse(user, open.connections(), open.rooms(), open.documents(), sumMessages, sumBytes)
                : null;
    }

    /** Returns what is open, or nothing if all of it is below a sixteenth of its limit. */
    private UserUse open(int connections) {
        boolean matters = matters(connections, maxConnections)
                || matters(rooms.get(), maxRooms)
                || matters(documents.get(), maxDocuments);
        return matters
                ? new UserUse(user, connections, rooms.get(), documents.get(), 0, 0)
                : new UserUse(user, 0, 0, 0, 0, 0);
    }

    private static boolean matters(long use, long limit) {
        return use > 0 && limit != 0 && use * SHARES >= limit;
    }

    /** Reports all anew: other servers may have forgotten it. */
    synchronized void forgetReport() {
        reported = null;
    }

    /** Returns whether nothing of this use is left that a new connection, or another server, must not forget. */
    synchronized boolean isForgettable(long nowNanos) {
        return reported == null && messages.level(nowNanos) == 0 && bytes.level(nowNanos) == 0;
    }
}
