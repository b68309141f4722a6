package dev.tutti.endpoint;

import jakarta.websocket.Encoder;

/** Makes a text frame of a {@link Message.Text}: one JSON string. Stateless; safe for any thread. */
public final class MessageEncoder implements Encoder.Text<Message.Text> {

    /** Returns the message as JSON text that has a form in UTF-8: lone surrogates are escaped. */
    @Override
    public String encode(Message.Text message) {
        return JsonText.of(message);
    }
}
