package dev.tutti.attack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.standalone.Peer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A client made of a socket that never blocks: it sends for as long as the server takes something, and reads only when it is told to.
 * Confined to one thread.
 */
final class Attacker implements Closeable {
    static final int TEXT = Peer.TEXT;
    static final int BINARY = Peer.BINARY;
    static final int CONTINUATION = Peer.CONTINUATION;
    static final int CLOSE = Peer.CLOSE;
    static final int PING = Peer.PING;
    static final int PONG = Peer.PONG;
    static final int FINAL = 0x80;
    static final int RESERVED = 0x40;

    /** A server that takes nothing for so long pushes back, as a rule. */
    private static final int PATIENCE_MILLIS = 100;

    private static final int LONG_PATIENCE_MILLIS = 5_000;

    private static final int CONNECT_MILLIS = 5_000;
    /** Of a message that is kept. */
    private static final int MAX_KEPT_BYTES = 256;

    private static final int MAX_KEPT_MESSAGES = 256;
    private static final int MASKED = 0x80;
    private static final byte[] NO_MASK = new byte[4];

    private final int number;
    private final SocketChannel channel;
    private final Selector writable;
    private final Inbound inbound = new Inbound();
    private int patienceMillis = PATIENCE_MILLIS;
    private boolean broken;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();

    /** Connects from an address of this machine; a receive buffer of 0 bytes is the system's own. */
    Attacker(int number, Target target, String from, int receiveBufferBytes, Selector writable) throws IOException {
        this.number = number;
        this.writable = writable;
        this.channel = SocketChannel.open();
        try {
            if (receiveBufferBytes != 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
            }
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            channel.socket()
                    .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()), CONNECT_MILLIS);
            channel.configureBlocking(false);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Returns which of its attack's this is, from 1. */
    int number() {
        return number;
    }

    // Sending

    /** Has this wait for a server that takes its time. */
    void bePatient() {
        patienceMillis = LONG_PATIENCE_MILLIS;
    }

    /** Has this not wait at all. */
    void beImpatient() {
        patienceMillis = 0;
    }

    /** Sends characters as bytes. */
    boolean send(String bytes) {
        return send(bytes.getBytes(ISO_8859_1));
    }

    boolean sendText(String text) {
        return sendFrame(FINAL | TEXT, text.getBytes(UTF_8));
    }

    boolean sendBinary(byte[] payload) {
        return sendFrame(FINAL | BINARY, payload);
    }

    /** Sends a frame with this first byte. */
    boolean sendFrame(int first, byte... payload) {
        return send(header(first, payload.length), payload);
    }

    /**
     * Sends bytes for as long as the server takes some. What it does not take is sent before anything else; until then, nothing more is.
     *
     * @return whether the server took all of it
     */
    boolean send(byte[]... parts) {
        if (!flush()) {
            return false;
        }
        for (byte[] part : parts) {
            unsent.add(ByteBuffer.wrap(part));
        }
        return flush();
    }

    private boolean flush() {
        try {
            while (!unsent.isEmpty() && !broken) {
                long written = channel.write(unsent.toArray(ByteBuffer[]::new));
                while (!unsent.isEmpty() && !unsent.element().hasRemaining()) {
                    unsent.remove();
                }
                if (written == 0 && !awaitWritable()) {
                    return false;
                }
            }
        } catch (IOException e) {
            broken = true; // how it ended is told by what can be read
        }
        return !broken;
    }

    private boolean awaitWritable() throws IOException {
        if (patienceMillis == 0) {
            return false;
        }
        SelectionKey key = channel.register(writable, SelectionKey.OP_WRITE);
        try {
            return writable.select(patienceMillis) > 0;
        } finally {
            key.cancel();
            writable.selectNow();
        }
    }

    /** Returns whether nothing more can be sent. */
    boolean isBroken() {
        return broken || inbound.ended;
    }

    /** Ends the stream towards the server; what it sends can still be read. */
    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Ends the connection with a TCP reset. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** Returns the start of a masked frame, whose mask changes nothing. */
    static byte[] header(int first, long length) {
        ByteBuffer header = ByteBuffer.allocate(14).put((byte) first);
        if (length < 126) {
            header.put((byte) (MASKED | length));
        } else if (length < 65536) {
            header.put((byte) (MASKED | 126)).putShort((short) length);
        } else {
            header.put((byte) (MASKED | 127)).putLong(length);
        }
        header.put(NO_MASK).flip();
        byte[] bytes = new byte[header.remaining()];
        header.get(bytes);
        return bytes;
    }

    /** Returns a masked frame, whose mask changes nothing. */
    static byte[] frame(int first, byte... payload) {
        byte[] header = header(first, payload.length);
        return ByteBuffer.allocate(header.length + payload.length)
                .put(header)
                .put(payload)
                .array();
    }

    // Reading

    /** Reads what is there; returns whether the connection has ended. */
    boolean read() {
        if (!inbound.ended) {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            try {
                for (int n = channel.read(buffer); n != 0 && !inbound.ended; n = channel.read(buffer)) {
                    inbound.ended = n < 0;
                    inbound.take(buffer.flip());
                    buffer.clear();
                }
            } catch (IOException e) {
                inbound.reset = true;
                inbound.ended = true;
            }
        }
        return inbound.ended;
    }

    /** Returns whether frames are exchanged, no HTTP. */
    boolean isWebSocket() {
        return inbound.isWebSocket;
    }

    /** Returns whether the head of an answer has come, or none will. */
    boolean isAnswered() {
        return inbound.status != 0 || inbound.ended;
    }

    /** Returns the beginnings of the last messages that were read, in their order. */
    Iterable<byte[]> messages() {
        return inbound.messages;
    }

    /**
     * Returns how the connection ended: with the code of a close frame, or the status of the last answer, or by an end ({@code ended}) or a
     * {@code reset} without either; {@code open} if it has not.
     */
    String outcome() {
        if (inbound.closeCode != 0) {
            return Integer.toString(inbound.closeCode);
        }
        if (inbound.status != 0 && !inbound.isWebSocket) {
            return Integer.toString(inbound.status);
        }
        return inbound.reset ? "reset" : inbound.ended ? "ended" : "open";
    }

    SocketChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** What comes from the server: answers of HTTP up to one with status 101, then frames. */
    private static final class Inbound {
        private static final String END_OF_HEAD = "\r\n\r\n";

        private final StringBuilder head = new StringBuilder();
        private final Deque<byte[]> messages = new ArrayDeque<>();
        /** The start of a frame: its header, and of its payload what is kept. */
        private final ByteBuffer start = ByteBuffer.allocate(10 + MAX_KEPT_BYTES);
        /** Of the frame's payload, what has not come. */
        private long missing = -1;

        private int status;
        private boolean isWebSocket;
        private int closeCode;
        private boolean ended;
        private boolean reset;

        void take(ByteBuffer bytes) {
            while (bytes.hasRemaining() && !isWebSocket) {
                takeHead((char) (bytes.get() & 0xFF));
            }
            while (bytes.hasRemaining()) {
                takeFrame(bytes);
            }
        }

        /** The content of an answer is read as a head without a status. */
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

        private boolean headerIsComplete() {
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
            if (opcode == CLOSE) {
                closeCode = payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
            } else {
                messages.add(payload);
                if (messages.size() > MAX_KEPT_MESSAGES) {
                    messages.remove();
                }
            }
            start.clear();
            missing = -1;
        }
    }
}
