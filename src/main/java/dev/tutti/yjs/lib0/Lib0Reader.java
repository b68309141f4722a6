package dev.tutti.yjs.lib0;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Objects;

/**
 * Reads lib0's encoding, in which Yjs's formats are written, from a part of an array. A length beyond the end is refused before memory is
 * allocated for it. Confined to its user; the bytes must not change meanwhile.
 *
 * <p>A <i>varUint</i> has 7 bits a byte, the lowest first, and 0x80 on all bytes but the last; values go to 2^53 − 1. A
 * <i>varByteArray</i> is a varUint length and as many bytes, a <i>varString</i> the same over UTF-8.
 */
public final class Lib0Reader {
    /** The largest varUint: the largest integer that JavaScript holds exactly. */
    public static final long MAX_UINT = (1L << 53) - 1;

    /**
     * The largest clock of one client, which counts everything that it ever wrote: 2^31 − 1, where Yjs allows 2^53 − 1. Each page load
     * is a client, so no honest clock is larger.
     */
    public static final int MAX_CLOCK = Integer.MAX_VALUE;

    /** The largest nesting of values: Yjs reads them by recursion, and so does this class. */
    static final int MAX_DEPTH = 128;

    private static final int MAX_UINT_BYTES = 8;

    private final byte[] bytes;
    private final int end;
    private int at;

    /** Reads a whole array. */
    public Lib0Reader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /** Reads {@code bytes} from index {@code from} to before index {@code to}. */
    public Lib0Reader(byte[] bytes, int from, int to) {
        Objects.checkFromToIndex(from, to, bytes.length);
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    public byte[] array() {
        return bytes;
    }

    /** Returns the index of the next byte. */
    public int position() {
        return at;
    }

    /** Returns the number of bytes left. */
    public int remaining() {
        return end - at;
    }

    /** Refuses any bytes that are left. */
    public void expectEnd() throws MalformedUpdateException {
        if (at < end) {
            throw new MalformedUpdateException("goes on after its end");
        }
    }

    /** Reads one byte, 0 to 255. */
    public int readByte() throws MalformedUpdateException {
        need(1);
        return bytes[at++] & 0xFF;
    }

    /** Reads a varUint, 0 to {@link #MAX_UINT}. */
    public long readVarUint() throws MalformedUpdateException {
        if (at < end && bytes[at] >= 0) {
            return bytes[at++];
        }
        return readVarBits(0, 0);
    }

    /** Reads the rest of a number of which the lowest {@code bits} bits have been read. */
    private long readVarBits(long low, int bits) throws MalformedUpdateException {
        long value = low;
        for (int shift = bits; shift < 7 * MAX_UINT_BYTES; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                if (value > MAX_UINT) {
                    break;
                }
                return value;
            }
        }
        throw new MalformedUpdateException("a number beyond 2^53");
    }

    /** Reads a varUint that is a clock or a length in clocks. */
    public int readClock() throws MalformedUpdateException {
        long clock = readVarUint();
        if (clock > MAX_CLOCK) {
            throw new MalformedUpdateException("a clock beyond 2^31");
        }
        return (int) clock;
    }

    /** Reads a varUint that counts following elements of at least {@code minBytes} each. */
    public int readCount(int minBytes) throws MalformedUpdateException {
        long count = readVarUint();
        if (count > remaining() / minBytes) {
            throw new MalformedUpdateException("counts more than there is");
        }
        return (int) count;
    }

    /** Reads a varByteArray, as a copy. */
    public byte[] readVarBytes() throws MalformedUpdateException {
        int length = readCount(1);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    /** Reads a varString. */
    public String readVarString() throws MalformedUpdateException {
        int from = skipVarString();
        return new String(bytes, from, at - from, UTF_8);
    }

    /** Skips a varByteArray; returns the index of its first byte, and {@link #position} is after its last. */
    public int skipVarBytes() throws MalformedUpdateException {
        int length = readCount(1);
        at += length;
        return at - length;
    }

    /** Skips a varString; returns the index of its first byte, and {@link #position} is after its last. */
    public int skipVarString() throws MalformedUpdateException {
        int from = skipVarBytes();
        if (Utf8.units(bytes, from, at) < 0) {
            throw new MalformedUpdateException("a string that is not UTF-8");
        }
        return from;
    }

    /** Skips a varString of JSON; as {@link #skipVarString}. */
    public int skipJson() throws MalformedUpdateException {
        int from = skipVarString();
        Json.check(bytes, from, at);
        return from;
    }

    void skip(int length) throws MalformedUpdateException {
        need(length);
        at += length;
    }

    /** Skips an {@code any} value, as lib0's {@code writeAny} writes it. */
    public void skipAny() throws MalformedUpdateException {
        skipAny(0);
    }

    private void skipAny(int depth) throws MalformedUpdateException {
        if (depth == MAX_DEPTH) {
            throw new MalformedUpdateException("values nest too deep");
        }
        int type = readByte();
        switch (type) {
            case Any.UNDEFINED, Any.NULL, Any.FALSE, Any.TRUE -> {}
            case Any.INTEGER -> skipVarInt();
            case Any.FLOAT32 -> skip(Float.BYTES);
            case Any.FLOAT64 -> skip(Double.BYTES);
            case Any.BIGINT -> skip(Long.BYTES);
            case Any.STRING -> skipVarString();
            case Any.BYTES -> skipVarBytes();
            case Any.ARRAY -> {
                for (int left = readCount(1); left > 0; left--) {
                    skipAny(depth + 1);
                }
            }
            case Any.OBJECT -> {
                for (int left = readCount(2); left > 0; left--) {
                    skipVarString();
                    skipAny(depth + 1);
                }
            }
            default -> throw new MalformedUpdateException("a value of no known type");
        }
    }

    /** The first byte holds 6 bits of the number, and 0x40 for a negative one. */
    private void skipVarInt() throws MalformedUpdateException {
        int b = readByte();
        if (b >= 0x80) {
            readVarBits(b & 0x3F, 6);
        }
    }

    private void need(int length) throws MalformedUpdateException {
        if (length > end - at) {
            throw new MalformedUpdateException("ends too early");
        }
    }
}
