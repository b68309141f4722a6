package dev.tutti.endpoint;

import jakarta.websocket.Encoder;

/** Makes a text frame of a {@link Message}: one JSON string. Stateless; safe for any thread. */
public final class MessageEncoder implements Encoder.Text<Message> {

    /** Returns the message as JSON text that has a form in UTF-8: lone surrogates are escaped. */
    @Override
    public String encode(Message message) {
        String json = MessageJson.JSONB.toJson(message);
        for (int i = 0; i < json.length(); i++) {
            if (Character.isSurrogate(json.charAt(i))) {
                return escapeLoneSurrogates(json);
            }
        }
        return json;
    }

    private static String escapeLoneSurrogates(String json) {
        StringBuilder escaped = new StringBuilder(json.length() + 16);
        json.codePoints().forEach(c -> {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                escaped.append(String.format("\\u%04x", c));
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
