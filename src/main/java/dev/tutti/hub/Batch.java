package dev.tutti.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames that go out together: made once by a room, shared by all members. Immutable; never empty. */
public final class Batch {
    private final Frame[] frames;
    private final int bytes;
    private final int reservedBytes;

    /** The finished frames one after the other; made when first asked for. Threads that race make equal arrays. */
    private byte @Nullable [] wire;

    private Batch(Frame[] frames, int reservedBytes) {
        this.frames = frames;
        this.reservedBytes = reservedBytes;
        int sum = 0;
        for (Frame frame : frames) {
            sum = Math.addExact(sum, frame.wireBytes());
        }
        this.bytes = sum;
    }

    /** Returns a batch of these frames, in this order; there is at least one, and all together are below 2 GiB. */
    public static Batch of(List<Frame> frames) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("a batch holds at least one frame");
        }
        return new Batch(frames.toArray(Frame[]::new), 0);
    }

    /** Returns a batch of what one client asked for, and for which its outbox has reserved so many bytes, at least 1. */
    static Batch answer(Frame frame, int reservedBytes) {
        return new Batch(new Frame[] {frame}, reservedBytes);
    }

    /** Returns a batch of what one client asked for, at least one frame, whose own size is to be reserved. */
    static Batch answer(List<Frame> frames) {
        Batch batch = of(frames);
        return new Batch(batch.frames, batch.bytes);
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

    /** Returns the bytes that an outbox has reserved for this; 0 if nobody asked for it. */
    int reservedBytes() {
        return reservedBytes;
    }

    /** Returns the finished frames one after the other, {@link #bytes()} long. Shared: not to be written to. */
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
