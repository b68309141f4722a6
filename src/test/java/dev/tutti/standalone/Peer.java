package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;

/** A client on a plain socket for valid and invalid input. It reads only on request. Confined to one thread. */
public final class Peer implements AutoCloseable {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    /** The example key of RFC 6455 section 1.3. */
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int[] MASK = {0x37, 0xFA, 0x21, 0x3D};

    /** A received frame. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Frame(int opcode, byte[] payload) {
        public String text() {
            return new String(payload, UTF_8);
        }

        /** Returns the code of a close frame. */
        public int code() {
            return (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        }

        /** Returns the reason of a close frame. */
        public String reason() {
            return new String(payload, 2, payload.length - 2, UTF_8);
        }
    }

    private final Socket socket;
    private final DataInputStream in;

    public Peer(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    public static Peer connect(int port) throws IOException {
        return connect(new Socket(), port);
    }

    /** Connects with a receive buffer of this size. */
    public static Peer connect(int port, int receiveBufferBytes) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBufferBytes);
        return connect(socket, port);
    }

    /** Connects from an address of the loopback network. */
    public static Peer connectFrom(String address, int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        return connect(socket, port);
    }

    private static Peer connect(Socket socket, int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        return new Peer(socket);
    }

    /** Connects and completes a handshake. */
    public static Peer open(int port, String path) throws IOException {
        Peer peer = connect(port);
        peer.upgrade(path);
        return peer;
    }

    public void upgrade(String path) throws IOException {
        send(handshake(path));
        String head = head();
        if (!head.startsWith("HTTP/1.1 101 ") || !head.contains(ACCEPT)) {
            throw new IOException("no WebSocket: " + head);
        }
    }

    /** Returns a valid handshake with additional fields, each ending in CRLF. */
    public static String handshake(String path, String... fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n" + String.join("", fields) + "\r\n";
    }

    /** Sends text in ISO 8859-1. */
    public void send(String bytes) throws IOException {
        send(bytes.getBytes(ISO_8859_1));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public void sendText(String text) throws IOException {
        send(frame(0x80 | TEXT, text.getBytes(UTF_8)));
    }

    /** Returns a masked frame with this first byte. */
    public static byte[] frame(int first, byte... payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int n = payload.length;
        if (n < 126) {
            frame.write(0x80 | n);
        } else {
            frame.write(n < 65536 ? 0xFE : 0xFF);
            for (int shift = n < 65536 ? 8 : 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) n >> shift));
            }
        }
        for (int key : MASK) {
            frame.write(key);
        }
        for (int i = 0; i < n; i++) {
            frame.write(payload[i] ^ MASK[i % 4]);
        }
        return frame.toByteArray();
    }

    /** Reads the head of a response, with its final CRLF; the bytes so far if the connection ends. */
    public String head() throws IOException {
        StringBuilder head = new StringBuilder();
        try {
            while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
                head.append((char) in.readUnsignedByte());
            }
        } catch (EOFException e) {
            return head.toString();
        }
        return head.toString();
    }

    /** Reads until the server closes or resets the connection. */
    String rest() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                rest.write(b);
            }
        } catch (SocketException e) {
            // a reset ends the connection as well
        }
        return rest.toString(ISO_8859_1);
    }

    /** Reads a response with a Content-Length. Returns its status. */
    int response() throws IOException {
        String head = head();
        body(Integer.parseInt(head.replaceAll("(?is).*content-length: (\\d+).*", "$1")));
        return Integer.parseInt(head.substring(9, 12));
    }

    /** Reads and drops a body of this size. */
    void body(int bytes) throws IOException {
        in.readFully(new byte[bytes]);
    }

    public Frame frame() throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = (int) in.readLong();
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(first & 0x0F, payload);
    }

    /** Reads up to the close frame and returns it. */
    public Frame closeFrame() throws IOException {
        Frame frame = frame();
        while (frame.opcode != CLOSE) {
            frame = frame();
        }
        return frame;
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
