package dev.tutti.endpoint;

import dev.tutti.protocol.tuttiv1.Request;
import dev.tutti.protocol.tuttiv1.RequestReader;
import jakarta.websocket.Decoder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a text frame by JSON-B into a {@link Request}. A container makes a decoder for each session and calls it from one thread at a
 * time.
 */
public final class RequestDecoder implements Decoder.Text<Request> {
    /** Made with the first frame: some containers also make a decoder at deployment, before the application runs. */
    private @Nullable RequestReader reader;

    @Override
    public Request decode(String frame) {
        if (reader == null) {
            reader = new RequestReader(SessionRegistry.sizeLimit());
        }
        return reader.read(frame);
    }

    /** Returns true: a bad frame becomes a {@link Request.Bad}, whose client is answered. */
    @Override
    public boolean willDecode(String frame) {
        return true;
    }
}
