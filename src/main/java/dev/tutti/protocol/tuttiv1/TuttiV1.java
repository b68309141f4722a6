package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.Client;
import dev.tutti.hub.Frame;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.Members;
import dev.tutti.hub.Position;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import dev.tutti.hub.Removal;
import dev.tutti.hub.RoomEvent;
import dev.tutti.protocol.JsonText;
import dev.tutti.settings.Version;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames that clients of {@code tutti.v1} receive (docs/protocol.md): a room's events, and the answers to a {@link Request}.
 * Stateless.
 *
 * <p>It joins text, because ids, data and states are JSON text already. A room encodes each event once for all its clients.
 */
public final class TuttiV1 implements Protocol {
    /** The subprotocol that a client must offer. */
    public static final String NAME = "tutti.v1";

    /** The protocol of every client of {@code tutti.v1}. */
    public static final Protocol PROTOCOL = new TuttiV1();

    /** Bytes of a frame that several messages share; a longer message has a frame of its own. */
    static final int MAX_SHARED_FRAME_BYTES = 64 * 1024;

    private static final long MILLIS_PER_SECOND = 1_000;

    private TuttiV1() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String endpoint() {
        return "/connect";
    }

    @Override
    public Frame encode(String room, RoomEvent event) {
        Json json;
        if (event instanceof Publication publication) {
            json = message(room, publication);
        } else if (event instanceof RoomEvent.MemberJoined joined) {
            json = member(new Json("entered").string("room", room), joined.member());
        } else if (event instanceof RoomEvent.PresenceChanged presence) {
            json = member(new Json("presence").string("room", room), presence.member());
        } else if (event instanceof RoomEvent.MemberLeft left) {
            json = member(new Json("left").string("room", room), left.member().withState(null));
        } else if (event instanceof RoomEvent.MembersChanged changed) {
            json = members(new Json("members").string("room", room), changed.members());
        } else {
            throw new AssertionError("an event of no known kind: " + event);
        }
        return json.frame();
    }

    @Override
    public boolean receivesPresence() {
        return true;
    }

    @Override
    public Frame expiring(long leftMillis) {
        return new Json("expiring")
                .number("seconds", leftMillis / MILLIS_PER_SECOND)
                .frame();
    }

    @Override
    public Frame removed(String room, Removal removal) {
        return new Json("removed")
                .string("room", room)
                .string("code", removal.name().toLowerCase(Locale.ROOT))
                .string("reason", removal.reason())
                .frame();
    }

    @Override
    public Function<JoinResult, Frame> subscribed(String room) {
        return result -> joined(null, room, result);
    }

    @Override
    public Frame reconnect(long afterMillis) {
        return new Json("reconnect")
                .json("after", BigDecimal.valueOf(afterMillis, 3).toString())
                .frame();
    }

    @Override
    public boolean takesTokenLater() {
        return true;
    }

    @Override
    public int maxSharedFrameBytes() {
        return MAX_SHARED_FRAME_BYTES;
    }

    /** Writes the first frame of a connection. */
    static Frame welcome(Client client, Limits limits) {
        Json allowed = new Json()
                .number("messageBytes", limits.maxMessageBytes())
                .number("stateBytes", limits.maxStateBytes())
                .number("messagesPerSecond", limits.maxMessagesPerSecond())
                .number("rooms", limits.maxRoomsPerClient());
        return new Json("welcome")
                .string("client", client.id())
                .string("user", client.user())
                .string("server", "tutti " + Version.get())
                .json("limits", allowed.text())
                .number("pingSeconds", limits.presencePingSeconds())
                .frame();
    }

    /** Acknowledges a request. */
    static Frame ok(String id) {
        return new Json("ok").json("id", id).frame();
    }

    /** Acknowledges a token, or the name of a guest, which has no end. */
    static Frame ok(String id, String user, @Nullable Instant expiresAt) {
        Json json = new Json("ok").json("id", id).string("user", user);
        return (expiresAt == null ? json : json.number("expires", expiresAt.toEpochMilli())).frame();
    }

    /** Acknowledges a publication with its position. */
    static Frame ok(String id, Position position) {
        return position(new Json("ok").json("id", id), position).frame();
    }

    /** Refuses a request; a null id or room is left out. */
    static Frame error(@Nullable String id, ErrorCode code, String message, @Nullable String room) {
        return new Json("error")
                .json("id", id)
                .string("code", code.code())
                .string("message", message)
                .string("room", room)
                .frame();
    }

    /** Answers a join; without an id, tells a client that the server has subscribed it. */
    static Frame joined(@Nullable String id, String room, JoinResult joined) {
        Json json = new Json("joined").json("id", id).string("room", room);
        position(json, joined.position())
                .number("earliest", joined.earliest())
                .bool("recovered", joined.recovered())
                .array(
                        "messages",
                        joined.messages(),
                        (text, message) -> text.append(message(room, message).text()));
        return members(json, joined.members()).frame();
    }

    /** Answers a request for members. */
    static Frame members(String id, String room, Members members) {
        return members(new Json("members").json("id", id).string("room", room), members)
                .frame();
    }

    /** Answers a request for the history. */
    static Frame history(String id, String room, HistoryPage page) {
        Json json = new Json("history").json("id", id).string("room", room);
        return position(json, page.position())
                .number("earliest", page.earliest())
                .bool("recovered", page.recovered())
                .array(
                        "messages",
                        page.messages(),
                        (text, message) -> text.append(message(room, message).text()))
                .bool("more", page.more())
                .frame();
    }

    private static Json message(String room, Publication publication) {
        Json json = new Json("message")
                .string("room", room)
                .number("offset", publication.offset())
                .number("time", publication.timeMillis());
        if (publication.from() != null) {
            Json from = new Json()
                    .string("client", publication.from().client())
                    .string("user", publication.from().user());
            json.json("from", from.text());
        }
        return json.json("data", publication.data());
    }

    private static Json position(Json json, Position position) {
        Json text = new Json().string("epoch", position.epoch()).number("offset", position.offset());
        return json.json("position", text.text());
    }

    private static Json members(Json json, Members members) {
        json.number("count", members.count());
        return members.list() == null
                ? json
                : json.array(
                        "members",
                        members.list(),
                        (text, member) -> text.append(member(new Json(), member).text()));
    }

    private static Json member(Json json, Member member) {
        return json.string("client", member.client())
                .string("user", member.user())
                .json("state", member.state());
    }

    /** A JSON object that is being written; it leaves out null values. Confined to its caller. */
    private static final class Json {
        private final StringBuilder text = new StringBuilder(128).append('{');

        Json() {}

        Json(String type) {
            string("type", type);
        }

        Json string(String name, @Nullable String value) {
            return value == null ? this : json(name, JsonText.quote(value));
        }

        Json number(String name, long value) {
            name(name).append(value);
            return this;
        }

        Json bool(String name, boolean value) {
            name(name).append(value);
            return this;
        }

        /** Adds a value that is JSON text already. */
        Json json(String name, @Nullable String value) {
            if (value != null) {
                name(name).append(value);
            }
            return this;
        }

        <T> Json array(String name, Collection<T> values, BiConsumer<StringBuilder, T> write) {
            name(name).append('[');
            int start = text.length();
            for (T value : values) {
                if (text.length() > start) {
                    text.append(',');
                }
                write.accept(text, value);
            }
            text.append(']');
            return this;
        }

        String text() {
            return text.append('}').toString();
        }

        Frame frame() {
            return Frame.text(text());
        }

        private StringBuilder name(String name) {
            if (text.length() > 1) {
                text.append(',');
            }
            return text.append('"').append(name).append("\":");
        }
    }
}
