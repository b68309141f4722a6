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

/** A client on a non-blocking socket. It sends as long as the server accepts bytes, and reads only on request. Confined to one thread. */
final class Attacker implements Closeable {
    static final int TEXT = Peer.TEXT;
    static final int BINARY = Peer.BINARY;
    static final int CONTINUATION = Peer.CONTINUATION;
    static final int CLOSE = Peer.CLOSE;
    static final int PING = Peer.PING;
    static final int PONG = Peer.PONG;
    static final int FINAL = 0x80;
    static final int RESERVED = 0x40;

    /** Default limit of a wait for a server that accepts no bytes: it applies back-pressure. */
    private static final int PATIENCE_MILLIS = 100;

    private static final int LONG_PATIENCE_MILLIS = 5_000;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int MASKED = 0x80;
    private static final byte[] NO_MASK = new byte[4];

    private final int number;
    private final SocketChannel channel;
    private final Selector writable;
    private final AttackerInput inbound = new AttackerInput();
    private int patienceMillis = PATIENCE_MILLIS;
    private boolean broken;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();

    /** Connects from an address of this machine. A receive buffer of 0 bytes means the system's default. */
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

    /** Returns the number of this attacker in its attack, from 1. */
    int number() {
        return number;
    }

    // Sending

    /** Waits longer than by default for a server that accepts no bytes. */
    void waitLong() {
        patienceMillis = LONG_PATIENCE_MILLIS;
    }

    /** Never waits for the server. */
    void waitNever() {
        patienceMillis = 0;
    }

    /** Sends text in ISO 8859-1. */
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
     * Sends bytes as long as the server accepts them. Unsent bytes stay queued, and this sends nothing else before them.
     *
     * @return whether the server has accepted all of them
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
            broken = true; // reading tells the outcome
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

    /** Returns whether sending is no longer possible. */
    boolean isBroken() {
        return broken || inbound.ended;
    }

    /** Shuts down the output; input stays open. */
    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Ends the connection with a TCP reset. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** Returns the header of a masked frame with a mask of zeros. */
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

    /** Returns a masked frame with a mask of zeros. */
    static byte[] frame(int first, byte... payload) {
        byte[] header = header(first, payload.length);
        return ByteBuffer.allocate(header.length + payload.length)
                .put(header)
                .put(payload)
                .array();
    }

    // Reading

    /** Reads all available bytes. Returns whether the connection has ended. */
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

    /** Returns whether the handshake has succeeded. */
    boolean isWebSocket() {
        return inbound.isWebSocket;
    }

    /** Returns whether the head of a response has arrived, or the connection has ended. */
    boolean isAnswered() {
        return inbound.status != 0 || inbound.ended;
    }

    /** Returns the first bytes of the last messages, in order. */
    Iterable<byte[]> messages() {
        return inbound.messages;
    }

    /**
     * Returns the outcome of the connection: the code of the close frame, or the status of the last response, or {@code ended} or {@code
     * reset} without either; {@code open} if it has not ended.
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
}
