package dev.tutti.standalone;

import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.util.HexFormat;

/** A connection to a document; the frames of Hocuspocus begin with its name. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Editor(Peer peer, byte[] address) implements AutoCloseable {
    /** Sends a message of the document. */
    public void send(byte[] message) throws IOException {
        Lib0Writer frame = new Lib0Writer();
        frame.write(address);
        frame.write(message);
        peer.send(Peer.frame(0x82, frame.toByteArray()));
    }

    /** Reads up to a message with this beginning, and returns all messages read in hexadecimal, one a line. */
    public String readUntil(String beginning) throws IOException {
        StringBuilder read = new StringBuilder();
        while (true) {
            Peer.Frame frame = peer.frame();
            if (frame.opcode() == Peer.CLOSE) {
                throw new AssertionError("closed: " + frame.code() + " " + frame.reason() + " after " + read);
            }
            if (frame.opcode() == Peer.BINARY) {
                String message = HexFormat.of().formatHex(frame.payload()).substring(2 * address.length);
                read.append(message).append('\n');
                if (message.startsWith(beginning)) {
                    return read.toString();
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        peer.close();
    }
}
