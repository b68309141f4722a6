package dev.tutti.attack;

import dev.tutti.standalone.Peer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** The input from the server: HTTP responses up to one with status 101, then frames. Confined to one thread. */
final class AttackerInput {
    /** Limit of each message kept for {@link #messages}. */
    private static final int MAX_RETAINED_BYTES = 256;

    private static final int MAX_RETAINED_MESSAGES = 256;

    private static final String END_OF_HEAD = "\r\n\r\n";

    private final StringBuilder head = new StringBuilder();
    final Deque<byte[]> messages = new ArrayDeque<>();
    /** The header of the current frame and the kept part of its payload. */
    private final ByteBuffer start = ByteBuffer.allocate(10 + MAX_RETAINED_BYTES);
    /** Bytes missing of the current payload. */
    private long missing = -1;

    int status;
    boolean isWebSocket;
    int closeCode;
    boolean ended;
    boolean reset;

    void take(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !isWebSocket) {
            takeHead((char) (bytes.get() & 0xFF));
        }
        while (bytes.hasRemaining()) {
            takeFrame(bytes);
        }
    }

    /** Reads a byte of HTTP; the content of a response counts as a head without a status. */
    private void takeHead(char next) {
        head.append(next);
        if (head.length() < 4 || head.indexOf(END_OF_HEAD, head.length() - 4) < 0) {
            if (head.length() > 1 << 14) {
                head.delete(0, head.length() - 4);
            }
            return;
        }
        int from = head.lastIndexOf("HTTP/1.1 ");
        if (from >= 0) {
            status = Integer.parseInt(head.substring(from + 9, from + 12));
            isWebSocket = status == 101;
        }
        head.setLength(0);
    }

    private void takeFrame(ByteBuffer bytes) {
        if (missing < 0) {
            start.put(bytes.get());
            missing = headerIsComplete() ? length() : -1;
        } else {
            int n = (int) Math.min(bytes.remaining(), missing);
            int kept = Math.min(n, start.remaining());
            start.put(bytes.duplicate().limit(bytes.position() + kept));
            bytes.position(bytes.position() + n);
            missing -= n;
        }
        if (missing == 0) {
            end();
        }
    }

    boolean headerIsComplete() {
        return start.position() >= 2 && start.position() == headerBytes();
    }

    private int headerBytes() {
        int length = start.get(1) & 0x7F;
        return length == 127 ? 10 : length == 126 ? 4 : 2;
    }

    private long length() {
        int length = start.get(1) & 0x7F;
        return length == 127 ? start.getLong(2) : length == 126 ? start.getShort(2) & 0xFFFF : length;
    }

    private void end() {
        int opcode = start.get(0) & 0x0F;
        byte[] payload = new byte[start.position() - headerBytes()];
        start.get(headerBytes(), payload);
        if (opcode == Peer.CLOSE) {
            closeCode = payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        } else {
            messages.add(payload);
            if (messages.size() > MAX_RETAINED_MESSAGES) {
                messages.remove();
            }
        }
        start.clear();
        missing = -1;
    }
}
