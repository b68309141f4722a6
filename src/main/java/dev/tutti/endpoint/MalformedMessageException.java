package dev.tutti.endpoint;

import dev.tutti.hub.CloseCode;
import jakarta.websocket.DecodeException;

/** A message that a client must not send; tells the code and, as its message, the reason to close the connection with. */
final class MalformedMessageException extends DecodeException {
    private static final long serialVersionUID = 1;

    private final CloseCode code;

    MalformedMessageException(CloseCode code, String reason, String text) {
        super(text, reason);
        this.code = code;
    }

    CloseCode code() {
        return code;
    }
}
