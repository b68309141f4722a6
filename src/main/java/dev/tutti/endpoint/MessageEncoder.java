package dev.tutti.endpoint;

import dev.tutti.protocol.plain.Message;
import dev.tutti.protocol.plain.MessageWriter;
import jakarta.websocket.Encoder;

/** Encodes a {@link Message.Text} by JSON-B into a text frame: one JSON string. Stateless. */
public final class MessageEncoder implements Encoder.Text<Message.Text> {
    @Override
    public String encode(Message.Text message) {
        return MessageWriter.write(message);
    }
}
