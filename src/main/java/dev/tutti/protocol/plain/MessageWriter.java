package dev.tutti.protocol.plain;

import dev.tutti.protocol.JsonText;

/** Writes a {@link Message.Text} as one JSON string. Stateless. */
public final class MessageWriter {
    private MessageWriter() {}

    /** Returns JSON text that has a form in UTF-8: lone surrogates are escaped. */
    public static String write(Message.Text message) {
        return JsonText.wellFormed(MessageJson.JSONB.toJson(message));
    }
}
