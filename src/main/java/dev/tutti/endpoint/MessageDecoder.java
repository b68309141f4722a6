package dev.tutti.endpoint;

import dev.tutti.protocol.plain.Message;
import dev.tutti.protocol.plain.MessageReader;
import jakarta.websocket.Decoder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a text frame by JSON-B into a {@link Message}. A container makes a decoder for each session and calls it from one thread at a
 * time.
 */
public final class MessageDecoder implements Decoder.Text<Message> {
    /** Made with the first frame: some containers also make a decoder at deployment, before the application runs. */
    private @Nullable MessageReader reader;

    @Override
    public Message decode(String frame) {
        if (reader == null) {
            reader = new MessageReader(SessionRegistry.sizeLimit());
        }
        return reader.read(frame);
    }

    /** Returns true: a bad frame becomes a {@link Message.Malformed}, which carries the reason. */
    @Override
    public boolean willDecode(String frame) {
        return true;
    }
}
