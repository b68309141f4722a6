package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes a sequence of fields: each is a length in four bytes, and the bytes; {@value #ABSENT} as length stands for null. Confined to one thread.
 */
final class Fields {
    /** The length of a field that is null. */
    static final int ABSENT = -1;

    private final ByteBuffer bytes;

    Fields(byte[] bytes) {
        this(ByteBuffer.wrap(bytes));
    }

    private Fields(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of a sequence. */
    static byte[] encode(List<? extends @Nullable String> texts) {
        List<byte @Nullable []> fields = new ArrayList<>(texts.size());
        int length = 0;
        for (String text : texts) {
            byte[] field = text == null ? null : text.getBytes(UTF_8);
            fields.add(field);
            length += Integer.BYTES + (field == null ? 0 : field.length);
        }
        ByteBuffer encoded = ByteBuffer.allocate(length);
        for (byte[] field : fields) {
            encoded.putInt(field == null ? ABSENT : field.length);
            if (field != null) {
                encoded.put(field);
            }
        }
        return encoded.array();
    }

    boolean hasNext() {
        return bytes.hasRemaining();
    }

    /** @throws FormatException if the field is incomplete or null */
    byte[] bytes() {
        int length = length();
        if (length < 0 || length > bytes.remaining()) {
            throw new FormatException("a field of " + length + " bytes");
        }
        byte[] field = new byte[length];
        bytes.get(field);
        return field;
    }

    String text() {
        return new String(bytes(), UTF_8);
    }

    @Nullable
    String textOrNull() {
        if (bytes.remaining() >= Integer.BYTES && bytes.getInt(bytes.position()) == ABSENT) {
            bytes.getInt();
            return null;
        }
        return text();
    }

    long number() {
        String text = text();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new FormatException("'" + text + "' is not a number");
        }
    }

    private int length() {
        try {
            return bytes.getInt();
        } catch (BufferUnderflowException e) {
            throw new FormatException("a field without a length");
        }
    }
}
