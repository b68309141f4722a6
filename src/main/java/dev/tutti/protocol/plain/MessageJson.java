package dev.tutti.protocol.plain;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.json.bind.serializer.DeserializationContext;
import jakarta.json.bind.serializer.JsonbDeserializer;
import jakarta.json.bind.serializer.JsonbSerializer;
import jakarta.json.bind.serializer.SerializationContext;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonParser;
import java.lang.reflect.Type;

/** Reads and writes a {@link Message.Text} as a JSON string. Stateless; {@link #JSONB} is safe for any thread. */
final class MessageJson implements JsonbSerializer<Message.Text>, JsonbDeserializer<Message.Text> {
    static final Jsonb JSONB = JsonbBuilder.create(
            new JsonbConfig().withSerializers(new MessageJson()).withDeserializers(new MessageJson()));

    @Override
    public void serialize(Message.Text message, JsonGenerator generator, SerializationContext context) {
        generator.write(message.text());
    }

    @Override
    public Message.Text deserialize(JsonParser parser, DeserializationContext context, Type type) {
        return new Message.Text(parser.getString());
    }
}
