package dev.tutti.endpoint;

import jakarta.json.bind.serializer.DeserializationContext;
import jakarta.json.bind.serializer.JsonbDeserializer;
import jakarta.json.stream.JsonParser;
import java.lang.reflect.Type;

/**
 * A {@link Request} from JSON. Stateless.
 *
 * <p>{@code @JsonbTypeInfo} on the interface would do, but for Yasson, which cannot give a subtype's component a number, string or
 * boolean as {@code JsonValue} (3.0.4), and which would not say which request a faulty one was.
 */
final class RequestJson implements JsonbDeserializer<Request> {
    @Override
    public Request deserialize(JsonParser parser, DeserializationContext context, Type type) {
        return Request.of(parser.getObject());
    }
}
