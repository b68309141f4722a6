package dev.tutti.hub;

import dev.tutti.hub.Budget.Share;
import java.lang.System.Logger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one client on their way to a reader, one at a time and in their order. The reader may pause them: it returns a stage, such as
 * one that finds out the client's rights, and reads the same message again when that completes. Later messages wait, bounded in number and bytes,
 * and counted in the client's quota of input. A client that sends more is closed.
 *
 * <p>One thread at a time calls {@link #receive}, and reads the message itself. While the input is paused, it only adds to the waiting
 * messages, and a thread of the hub reads those. So one thread at a time reads, and sees everything that the reads before have done.
 */
public final class PausableInput<M> {
    private static final Logger LOG = System.getLogger(PausableInput.class.getName());

    /** Messages that may wait: more than a client of the default rate sends while the server waits for an answer. */
    static final int MAX_MESSAGES = 1_000;

    /** Reads the messages of one client. Called by one thread at a time. */
    public interface Reader<M> {
        /**
         * Reads a message.
         *
         * @return null if it is done; else the stage after which this is called again with the same message
         */
        @Nullable
        CompletionStage<?> read(M message);

        /** Returns the memory of a message that waits. */
        int bytesOf(M message);

        /** Returns how often {@link #countMessage} is called for a message. */
        int countsOf(M message);
    }

    /**
     * A message that waits.
     *
     * @param counted how often it was counted when it arrived, without a breach
     * @param quota in which its bytes are reserved; the client may get another one
     */
    private record Waiting<M>(M message, int bytes, int counted, Budget.Quota quota) {}

    private final Client client;
    private final Executor executor;
    private final Reader<M> reader;
    /** 0 for no limit. */
    private final int maxBytes;

    /** Written under this; unlocked hint for the receiving thread, rechecked under this. */
    private volatile boolean isPaused;

    // Guarded by this.
    /** The first is being read. Null while nothing waits: most inputs are never paused. */
    private @Nullable Deque<Waiting<M>> waiting;

    private long waitingBytes;
    private boolean isClosed;

    // Confined to the reading thread.
    private int counted;
    private @Nullable Supplier<@Nullable CompletionStage<?>> opening;

    /**
     * Makes the input of a client.
     *
     * @param maxBytes of the messages that wait; 0 for no limit of their own
     */
    public PausableInput(Client client, int maxBytes, Reader<M> reader) {
        this.client = client;
        this.executor = client.executor();
        this.maxBytes = maxBytes;
        this.reader = reader;
    }

    /** Runs an action ahead of all messages, which may pause them as the reader may. Called at most once, before {@link #receive}. */
    public void open(Supplier<@Nullable CompletionStage<?>> action) {
        CompletionStage<?> until = action.get();
        if (until != null) {
            opening = action;
            pause(null, until);
        }
    }

    /** Reads a message, or adds it to those that wait. */
    public void receive(M message) {
        if (isPaused && addIfPaused(message)) {
            return;
        }
        CompletionStage<?> until = reader.read(message);
        if (until != null) {
            pause(message, until);
        }
    }

    /** As {@link Client#countMessage}, for the message that is being read: one that has waited was counted when it arrived. */
    public @Nullable LimitBreach countMessage(int bytes) {
        if (counted > 0) {
            counted--;
            return null;
        }
        return client.countMessage(bytes);
    }

    /** Returns false if the input is not paused any more. */
    private boolean addIfPaused(M message) {
        int countedNow = count(message);
        boolean isAdded;
        synchronized (this) {
            if (!isPaused) {
                counted = countedNow; // this thread reads the message
                return false;
            }
            isAdded = add(message, countedNow);
        }
        if (!isAdded) {
            client.closeFor(LimitBreach.WAITING_INPUT);
        }
        return true;
    }

    /** Returns how often the message counts without a breach; the bytes count once. */
    private int count(M message) {
        int needed = reader.countsOf(message);
        int done = 0;
        while (done < needed && client.countMessage(done == 0 ? reader.bytesOf(message) : 0) == null) {
            done++;
        }
        return done;
    }

    /** Called under this. Returns false if too much waits. */
    private boolean add(M message, int countedNow) {
        if (isClosed || waiting == null) {
            return true; // nobody reads it
        }
        int bytes = reader.bytesOf(message);
        Budget.Quota quota = client.usage().quota();
        if (waiting.size() >= MAX_MESSAGES
                || (maxBytes != 0 && !waiting.isEmpty() && waitingBytes + bytes > maxBytes)
                || !quota.tryReserve(Share.INPUT, bytes)) {
            return false;
        }
        waitingBytes += bytes;
        waiting.add(new Waiting<>(message, bytes, countedNow, quota));
        return true;
    }

    /** @param message that is read again; null for the opening */
    private void pause(@Nullable M message, CompletionStage<?> until) {
        boolean isAdded;
        synchronized (this) {
            waiting = new ArrayDeque<>();
            isPaused = true;
            isAdded = message == null || add(message, 0);
        }
        client.lifetime().setInput(this);
        if (isAdded) {
            resumeAfter(until);
        } else {
            client.closeFor(LimitBreach.WAITING_INPUT);
        }
    }

    /** Always on a thread of the hub: the stage may complete on any thread, or be complete, and the receiving thread must not read on. */
    private void resumeAfter(CompletionStage<?> until) {
        var unused = until.whenCompleteAsync((result, failure) -> resume(), executor);
    }

    /** Reads the messages that wait, until one pauses again or none is left. */
    private void resume() {
        try {
            CompletionStage<?> until = readWaiting();
            if (until != null) {
                resumeAfter(until);
            }
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, client.subject(), "the waiting messages cannot be read", e);
            client.close(CloseCode.INTERNAL, "the server failed");
        }
    }

    private @Nullable CompletionStage<?> readWaiting() {
        if (opening != null) {
            CompletionStage<?> until = opening.get();
            if (until != null) {
                return until;
            }
            opening = null;
        }
        for (Waiting<M> next = first(); next != null; next = removeFirst()) {
            CompletionStage<?> until = reader.read(next.message);
            if (until != null) {
                return until;
            }
        }
        return null;
    }

    /** Returns the message to read; ends the pause if there is none. */
    private synchronized @Nullable Waiting<M> first() {
        Waiting<M> next = waiting == null ? null : waiting.peek();
        if (next == null) {
            waiting = null;
            isPaused = false;
        }
        return next;
    }

    private synchronized @Nullable Waiting<M> removeFirst() {
        Waiting<M> done = waiting == null ? null : waiting.poll();
        if (done != null) {
            release(done);
        }
        Waiting<M> next = first();
        counted = next == null ? 0 : next.counted;
        return next;
    }

    /** Drops the messages that wait, and all later ones: the client has ended. */
    synchronized void close() {
        isClosed = true;
        if (waiting != null) {
            waiting.forEach(this::release);
        }
        waiting = isPaused ? new ArrayDeque<>() : null;
    }

    private void release(Waiting<M> message) {
        waitingBytes -= message.bytes;
        message.quota.release(Share.INPUT, message.bytes);
    }
}
