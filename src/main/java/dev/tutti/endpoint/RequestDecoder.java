package dev.tutti.endpoint;

import dev.tutti.protocol.SizeLimit;
import dev.tutti.protocol.tuttiv1.Request;
import dev.tutti.protocol.tuttiv1.Requests;
import jakarta.websocket.Decoder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a text frame into {@link Requests}, which JSON-B reads. A container makes a decoder for each session and calls it from one thread
 * at a time.
 */
public final class RequestDecoder implements Decoder.Text<Requests> {
    /** Read with the first frame: some containers also make a decoder at deployment, before the application runs. */
    private @Nullable SizeLimit limit;

    @Override
    public Requests decode(String frame) {
        if (limit == null) {
            limit = SessionRegistry.sizeLimit();
        }
        return new Requests(frame, limit);
    }

    /** Returns true: a bad line becomes a {@link Request.Bad}, whose client is answered. */
    @Override
    public boolean willDecode(String frame) {
        return true;
    }
}
