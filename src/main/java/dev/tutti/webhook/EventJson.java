package dev.tutti.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.event.Event;
import dev.tutti.protocol.JsonText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The body of a webhook: {@code {"type","timestamp","data"}}. Stateless. */
final class EventJson {
    /** The type of a message that says how many events were dropped. */
    static final String DROPPED = "events.dropped";

    private EventJson() {}

    /** Returns an event as JSON. */
    static byte[] of(Event event) {
        return body(event.type(), event.timeMillis(), data(event));
    }

    /** Returns a message that events were dropped. */
    static byte[] dropped(long count, long nowMillis) {
        return body(DROPPED, nowMillis, "\"count\":" + count);
    }

    private static byte[] body(String type, long timeMillis, String data) {
        return ("{\"type\":\"" + type + "\",\"timestamp\":\"" + Instant.ofEpochMilli(timeMillis) + "\",\"data\":{"
                        + data + "}}")
                .getBytes(UTF_8);
    }

    private static String data(Event event) {
        if (event instanceof Event.ClientConnected connected) {
            return client(connected.client(), connected.user());
        } else if (event instanceof Event.ClientDisconnected gone) {
            return client(gone.client(), gone.user()) + optional("code", gone.code());
        } else if (event instanceof Event.MemberEntered entered) {
            return room(entered.room())
                    + ','
                    + client(entered.client(), entered.user())
                    + optional("state", entered.state());
        } else if (event instanceof Event.MemberLeft left) {
            return room(left.room()) + ',' + client(left.client(), left.user());
        } else if (event instanceof Event.Published published) {
            String client = published.client();
            String user = published.user();
            return room(published.room()) + ",\"offset\":" + published.offset()
                    + (client == null || user == null ? "" : ',' + client(client, user)) + ",\"data\":"
                    + published.data();
        }
        Event.Subject subject = event.subject();
        return subject.kind() == Event.Kind.ROOM
                ? room(subject.name())
                : "\"document\":" + JsonText.quote(subject.name());
    }

    private static String client(String client, String user) {
        return "\"client\":" + JsonText.quote(client) + ",\"user\":" + JsonText.quote(user);
    }

    private static String room(String room) {
        return "\"room\":" + JsonText.quote(room);
    }

    /** Returns a member whose value is JSON text; nothing for null. */
    private static String optional(String name, @Nullable Object json) {
        return json == null ? "" : ",\"" + name + "\":" + json;
    }
}
