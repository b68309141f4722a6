package dev.tutti.endpoint;

import jakarta.websocket.Encoder;

/** Makes a text frame of a {@link Message}: one JSON string. Stateless; safe for any thread. */
public final class MessageEncoder implements Encoder.Text<Message> {

    /** Returns the message as JSON text that has a form in UTF-8: lone surrogates are escaped. */
    @Override
    public String encode(Message message) {
        return JsonText.of(message);
    }
}
