package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A client on a plain socket, for everything that a correct client does not do: not reading, fragmenting, resetting. It reads only on
 * request. Confined to one thread.
 *
 * <p>Source: RFC 6455.
 */
final class RawClient implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;

    /** A received frame. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(boolean last, int opcode, byte[] payload) {}

    /** The end of a connection: code and reason of the close frame, 1006 without one. */
    record End(int code, String reason) {
        /** Parses the payload of a close frame. */
        private static End of(byte[] payload) {
            return payload.length < 2
                    ? new End(1005, "")
                    : new End(
                            (payload[0] & 0xff) << 8 | (payload[1] & 0xff),
                            new String(payload, 2, payload.length - 2, UTF_8));
        }
    }

    private final Random random = new Random(6455);
    private final Socket socket = new Socket();
    private final List<String> answer = new ArrayList<>();
    private DataInputStream in;
    private OutputStream out;

    private RawClient() {}

    /** Connects to {@code /ws}; see {@link #connect(ServerUnderTest, String, int, String...)}. */
    static RawClient connect(ServerUnderTest server, String... headerLines) throws IOException {
        return connect(server, "/ws", 0, headerLines);
    }

    /**
     * Connects and sends a handshake; {@link #status} returns the result.
     *
     * @param receiveBufferBytes the socket's receive buffer, 0 for the system's default
     * @param headerLines more header lines of the handshake
     */
    static RawClient connect(ServerUnderTest server, String path, int receiveBufferBytes, String... headerLines)
            throws IOException {
        for (int left = server.handshakeAttempts() - 1; ; left--) {
            try {
                return tryConnect(server, path, receiveBufferBytes, headerLines);
            } catch (SocketTimeoutException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    private static RawClient tryConnect(
            ServerUnderTest server, String path, int receiveBufferBytes, String... headerLines) throws IOException {
        RawClient client = new RawClient();
        try {
            if (receiveBufferBytes != 0) {
                client.socket.setReceiveBufferSize(receiveBufferBytes);
            }
            client.handshake(server, path, headerLines);
        } catch (IOException | RuntimeException e) {
            client.socket.close();
            throw e;
        }
        return client;
    }

    /** Connects from another address of this machine, such as 127.0.0.2, and sends a handshake. */
    static RawClient connectFrom(String address, ServerUnderTest server, String path) throws IOException {
        RawClient client = new RawClient();
        try {
            client.socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
            client.handshake(server, path);
        } catch (IOException | RuntimeException e) {
            client.socket.close();
            throw e;
        }
        return client;
    }

    private void handshake(ServerUnderTest server, String path, String... headerLines) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), TIMEOUT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        byte[] key = new byte[16];
        random.nextBytes(key);
        List<String> lines = new ArrayList<>(List.of(
                "GET " + server.webSocket(path).getRawPath() + " HTTP/1.1",
                "Host: 127.0.0.1:" + server.port(),
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + Base64.getEncoder().encodeToString(key)));
        lines.addAll(Arrays.asList(headerLines));
        out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(ISO_8859_1));
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            answer.add(line);
        }
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
            line.write(b);
        }
        return line.toString(ISO_8859_1).strip();
    }

    /** Returns the status of the handshake's response, 101 for success. */
    int status() {
        return Integer.parseInt(answer.get(0).split(" ", 3)[1]);
    }

    /** Returns the field names of the handshake's response in lower case. */
    List<String> headerNames() {
        return answer.stream()
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                .toList();
    }

    void sendText(String text) throws IOException {
        send(TEXT, true, text.getBytes(UTF_8));
    }

    /** Sends a text message in frames of at most {@code frameBytes}, which may split characters. */
    void sendFragments(String text, int frameBytes) throws IOException {
        byte[] payload = text.getBytes(UTF_8);
        for (int from = 0; from < payload.length; from += frameBytes) {
            int to = Math.min(payload.length, from + frameBytes);
            send(from == 0 ? TEXT : CONTINUATION, to == payload.length, Arrays.copyOfRange(payload, from, to));
        }
    }

    /** Sends one masked frame. */
    void send(int opcode, boolean last, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
        frame.write((last ? FINAL : 0) | opcode);
        int n = payload.length;
        if (n < 126) {
            frame.write(MASKED | n);
        } else {
            boolean isLong = n > 0xffff;
            frame.write(MASKED | (isLong ? 127 : 126));
            for (int shift = isLong ? 56 : 8; shift >= 0; shift -= 8) {
                frame.write((int) ((long) n >> shift));
            }
        }
        byte[] mask = new byte[4];
        random.nextBytes(mask);
        frame.writeBytes(mask);
        for (int i = 0; i < n; i++) {
            frame.write(payload[i] ^ mask[i % 4]);
        }
        out.write(frame.toByteArray());
    }

    /** Reads the next frame other than a ping; answers pings. */
    Frame read() throws IOException {
        for (; ; ) {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            if ((second & MASKED) != 0) {
                throw new IOException("a server must not mask");
            }
            long length = second == 126 ? in.readUnsignedShort() : second == 127 ? in.readLong() : second;
            byte[] payload = in.readNBytes(Math.toIntExact(length));
            if (payload.length < length) {
                throw new EOFException("the connection ended within a frame");
            }
            Frame frame = new Frame((first & FINAL) != 0, first & 0x0f, payload);
            if (frame.opcode != PING) {
                return frame;
            }
            send(PONG, true, payload);
        }
    }

    /** Reads a text message of one or more frames. */
    String readText() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int expected = TEXT; ; expected = CONTINUATION) {
            Frame frame = read();
            if (frame.opcode != expected) {
                throw new IOException("expected opcode " + expected + " but got " + frame.opcode);
            }
            text.writeBytes(frame.payload);
            if (frame.last) {
                return text.toString(UTF_8);
            }
        }
    }

    /** Reads until the connection ends, and answers a close frame. Returns how it ended. */
    End readToEnd() throws IOException {
        End end = new End(1006, "");
        try {
            for (; ; ) {
                Frame frame = read();
                if (frame.opcode == CLOSE) {
                    end = End.of(frame.payload);
                    send(CLOSE, true, frame.payload);
                }
            }
        } catch (EOFException | SocketException e) {
            return end; // end of stream or reset
        }
    }

    /** Reads up to the close frame or the end of the connection. Returns how it ended. */
    End readToClose() throws IOException {
        try {
            for (; ; ) {
                Frame frame = read();
                if (frame.opcode == CLOSE) {
                    return End.of(frame.payload);
                }
            }
        } catch (EOFException | SocketException e) {
            return new End(1006, ""); // end of stream or reset
        }
    }

    /** Sends a close frame, waits for the server's, and returns how the connection ended. */
    End closeCleanly() throws IOException {
        send(CLOSE, true, new byte[] {1000 >> 8, (byte) 1000});
        return readToEnd();
    }

    /** Ends the connection with a TCP reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
