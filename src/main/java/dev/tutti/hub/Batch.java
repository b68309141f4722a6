package dev.tutti.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Frames that are sent together: made once, shared by all clients that receive them. An outbox joins batches that wait for its client. Never
 * empty. Immutable, except for the number of outboxes that hold it.
 */
public final class Batch {
    /** A single frame of at least so many bytes is written without a copy of its payload. */
    private static final int LARGE_BYTES = 64 * 1024;

    private final Frame[] frames;
    private final int bytes;
    private final int textBytes;
    private final int reservedBytes;
    /** The payload of a frame that messages of this and of other batches may share; 0 if they must not. */
    private final int sharedFrameBytes;
    /** The batches that this one joins; empty for all others. */
    private final List<Batch> parts;

    /** Outboxes that hold this. */
    private final AtomicInteger holders = new AtomicInteger();

    /** All frames in wire format; made by the first call of {@link #wire}. Threads that race make equal arrays. */
    private byte @Nullable [] wire;

    private Batch(Frame[] frames, int reservedBytes, int sharedFrameBytes, List<Batch> parts) {
        this.frames = frames;
        this.reservedBytes = reservedBytes;
        this.sharedFrameBytes = sharedFrameBytes;
        this.parts = parts;
        int sum = 0;
        int texts = 0;
        for (Frame frame : frames) {
            sum = Math.addExact(sum, frame.wireBytes());
            texts = Math.addExact(texts, frame.isText() ? frame.payload().length : 0);
        }
        this.bytes = sum;
        this.textBytes = texts;
    }

    /** Returns a batch of these frames, in this order: at least one, and less than 2 GiB together. */
    public static Batch of(List<Frame> frames) {
        return ofLines(frames, 0);
    }

    /**
     * Returns a batch of text messages, several of which share a frame, one on each line.
     *
     * @param frames at least one, of messages without a line feed
     * @param sharedFrameBytes of the payload that several messages share; 0 for a frame for each message
     */
    public static Batch ofLines(List<Frame> frames, int sharedFrameBytes) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("a batch holds at least one frame");
        }
        return new Batch(share(frames, sharedFrameBytes), 0, sharedFrameBytes, List.of());
    }

    private static Frame[] share(List<Frame> frames, int sharedFrameBytes) {
        boolean alone = sharedFrameBytes == 0 || frames.size() == 1;
        List<Frame> shared = alone ? frames : Frame.joinLines(frames, sharedFrameBytes);
        return shared.toArray(Frame[]::new);
    }

    /** Returns a batch with a reply, for which the client's outbox has reserved {@code reservedBytes}, at least 1. */
    static Batch reply(Frame frame, int reservedBytes) {
        return new Batch(new Frame[] {frame}, reservedBytes, 0, List.of());
    }

    /** Returns a batch with a reply of at least one frame, for which its own size is to be reserved. */
    public static Batch reply(List<Frame> frames) {
        Batch batch = of(frames);
        return new Batch(batch.frames, batch.bytes, 0, List.of());
    }

    /**
     * Returns the frames of several batches as one, for an outbox that holds them all; {@link #release} releases them, too. If all may share
     * frames, their messages do.
     */
    static Batch joining(List<Batch> held) {
        List<Frame> frames = new ArrayList<>();
        int sharedFrameBytes = Integer.MAX_VALUE;
        for (Batch part : held) {
            frames.addAll(List.of(part.frames));
            sharedFrameBytes = Math.min(sharedFrameBytes, part.sharedFrameBytes);
        }
        return new Batch(share(frames, sharedFrameBytes), 0, sharedFrameBytes, List.copyOf(held));
    }

    /** Returns the number of frames. */
    public int size() {
        return frames.length;
    }

    /** Returns frame {@code index}, from 0. */
    public Frame frame(int index) {
        return frames[index];
    }

    /** Returns the bytes of all frames on the wire. */
    public int bytes() {
        return bytes;
    }

    /** Returns the bytes that an outbox has reserved for this reply; 0 for a batch that is no reply. */
    int reservedBytes() {
        return reservedBytes;
    }

    /** Returns about the bytes of memory of this batch: text, payload and wire format. */
    int memoryBytes() {
        long ofParts = 0;
        for (Batch part : parts) {
            ofParts += part.memoryBytes();
        }
        return (int) Math.min(Integer.MAX_VALUE, ofParts + ownBytes());
    }

    /** Returns the bytes of memory without those of the parts, to which the frames belong if they are not joined as well. */
    long ownBytes() {
        boolean ownsFrames = parts.isEmpty() || sharedFrameBytes > 0;
        return ownsFrames ? (isLarge() ? 1L : 2L) * bytes + textBytes : bytes;
    }

    /** An outbox holds this from now on; the first one reserves its memory. */
    void hold(Budget budget) {
        if (holders.getAndIncrement() == 0) {
            budget.reserve(Budget.Share.OUTPUT, ownBytes());
        }
    }

    /** An outbox no longer holds this; the last one releases its memory. */
    void release(Budget budget) {
        if (holders.decrementAndGet() == 0) {
            budget.release(Budget.Share.OUTPUT, ownBytes());
            for (Batch part : parts) {
                part.release(budget);
            }
        }
    }

    /** Returns whether an outbox holds this. */
    public boolean isHeld() {
        return holders.get() > 0;
    }

    /** Returns whether this is a single large frame, whose {@link #header} and {@link Frame#payload} are written without a copy. */
    public boolean isLarge() {
        return frames.length == 1 && bytes >= LARGE_BYTES;
    }

    /** Returns the header of the only frame. */
    public byte[] header() {
        return frames[0].header();
    }

    /** Returns all frames in wire format, {@link #bytes()} long. Shared: must not be changed. */
    public byte[] wire() {
        byte[] made = wire;
        if (made == null) {
            made = new byte[bytes];
            int at = 0;
            for (Frame frame : frames) {
                at = frame.write(made, at);
            }
            wire = made;
        }
        return made;
    }
}
