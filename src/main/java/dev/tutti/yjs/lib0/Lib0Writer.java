package dev.tutti.yjs.lib0;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Writes lib0's encoding, as {@link Lib0Reader} reads it, into an array that grows. Confined to its user. */
public final class Lib0Writer {
    private static final int MIN_CAPACITY = 32;

    /** A larger array grows by a half, and {@link #clear} does not keep it. */
    private static final int LARGE_BYTES = 1 << 20;

    private byte[] bytes;
    private int size;

    /** Is empty. */
    public Lib0Writer() {
        this(MIN_CAPACITY);
    }

    /** Is empty, and takes {@code capacity} bytes before it grows. */
    public Lib0Writer(int capacity) {
        bytes = new byte[capacity];
    }

    /** Returns the number of bytes written. */
    public int size() {
        return size;
    }

    /** Returns a copy of the bytes written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Returns the bytes written, without a copy if they fill the capacity. Nothing may be written afterwards. */
    public byte[] take() {
        return size == bytes.length ? bytes : toByteArray();
    }

    /** Removes everything. */
    public void clear() {
        size = 0;
        bytes = bytes.length > LARGE_BYTES ? new byte[MIN_CAPACITY] : bytes;
    }

    /** Returns the number of bytes that {@link #writeVarUint} writes. */
    public static int varUintBytes(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }

    /** Writes the low 8 bits of {@code b}. */
    public void writeByte(int b) {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    /** Writes a varUint; {@code value} is 0 to {@link Lib0Reader#MAX_UINT}. */
    public void writeVarUint(long value) {
        if (value < 0 || value > Lib0Reader.MAX_UINT) {
            throw new IllegalArgumentException("no varUint: " + value);
        }
        long left = value;
        while (left > 0x7F) {
            writeByte((int) left | 0x80);
            left >>>= 7;
        }
        writeByte((int) left);
    }

    /** Writes bytes as they are. */
    public void write(byte[] from) {
        write(from, 0, from.length);
    }

    /** Writes a part of an array as it is. */
    public void write(byte[] from, int offset, int length) {
        reserve(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    /** Appends all bytes of another writer. */
    public void write(Lib0Writer other) {
        write(other.bytes, 0, other.size);
    }

    /** Writes a varByteArray. */
    public void writeVarBytes(byte[] value) {
        writeVarUint(value.length);
        write(value, 0, value.length);
    }

    /** Writes a varString. A lone surrogate, which UTF-8 cannot encode, becomes a question mark. */
    public void writeVarString(String value) {
        writeVarBytes(value.getBytes(UTF_8));
    }

    private void reserve(int length) {
        if (length > bytes.length - size) {
            long needed = (long) size + length;
            if (needed > Integer.MAX_VALUE - Long.BYTES) { // a JVM cannot allocate more
                throw new IllegalStateException("an encoding beyond 2 GiB");
            }
            long grown = bytes.length + (bytes.length > LARGE_BYTES ? bytes.length / 2L : bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(grown, Integer.MAX_VALUE - Long.BYTES)));
        }
    }
}
