package dev.tutti.protocol.tuttiv1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.Hub;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Member;
import dev.tutti.hub.Members;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomEvent;
import dev.tutti.hub.Sender;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.SizeLimit;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import dev.tutti.settings.Version;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The frames of {@code tutti.v1} in both directions, compared with readable files. */
class TuttiV1Test {
    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);

    private static List<String> lines(String file) throws IOException {
        try (InputStream lines = TuttiV1Test.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(lines).readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    @Test
    void framesAreReadAsRequests() throws Exception {
        List<String> lines = lines("requests.txt");
        List<String> read = new ArrayList<>();
        Set<ErrorCode> codes = EnumSet.noneOf(ErrorCode.class);
        Set<Class<?>> kinds = new HashSet<>();

        for (int i = 0; i < lines.size(); i += 2) {
            Request request = read(lines.get(i));
            read.add(lines.get(i));
            read.add(request.toString());
            kinds.add(request.getClass());
            if (request instanceof Request.Bad bad) {
                codes.add(bad.code());
            }
        }

        Request large = read("{" + " ".repeat(LIMITS.maxMessageBytes()));
        kinds.add(large.getClass());

        assertThat(read).containsExactlyElementsOf(lines);
        assertThat(large).isEqualTo(new Request.TooLarge("a message has at most 65536 bytes"));
        assertThat(kinds).containsExactlyInAnyOrder(Request.class.getPermittedSubclasses());
        assertThat(codes)
                .containsExactlyInAnyOrder(
                        ErrorCode.BAD_REQUEST, ErrorCode.UNKNOWN_TYPE, ErrorCode.INVALID_ROOM, ErrorCode.TOO_LARGE);
    }

    @Test
    void requestsOfAFrameHaveALineEach() throws Exception {
        List<String> frames = frames("frames.txt");
        FakePeer ann = new FakePeer.World(Map.of()).connect(TuttiV1.PROTOCOL, "Ann");
        TuttiV1Session session = new TuttiV1Session(ann.client(), LIMITS, FakeTokens.NONE);
        ann.take(); // the welcome

        session.receive(new Requests(frames.get(0), new SizeLimit(LIMITS.maxMessageBytes())));

        assertThat(ann.take()).containsExactlyElementsOf(frames.subList(1, frames.size()));
    }

    /** Reads the frames of a file, which are apart by a line of three hyphens, without the comments. */
    private static List<String> frames(String file) throws IOException {
        return List.of(String.join("\n", lines(file)).split("\n---\n"));
    }

    @Test
    void answersAndEventsAreWritten() throws IOException {
        Member member = new Member("h-1", "Ann", "{\"x\":1}");
        Member stateless = member.withState(null);
        Members one = new Members(1, List.of(member));
        Members many = new Members(501, null);
        Publication hello = new Publication(42, 1_800_000_000_000L, new Sender("h-1", "Ann"), "{\"text\":\"hello\"}");
        Publication own = new Publication(43, 1_800_000_000_001L, null, "\"from the application\"");
        Position position = new Position("h-2", 43);

        assertThat(List.of(
                                TuttiV1.welcome(client("Ann \"A\" \u0001 é"), LIMITS),
                                TuttiV1.ok("\"a\\\"b\""),
                                TuttiV1.ok("7", new Position("h-2", 42)),
                                TuttiV1.error("7", ErrorCode.NOT_JOINED, "this client is not in this room", "garden"),
                                TuttiV1.error(null, ErrorCode.BAD_REQUEST, "say \"what\"", null),
                                event(hello),
                                event(own),
                                event(new RoomEvent.MemberJoined(member)),
                                event(new RoomEvent.MemberJoined(stateless)),
                                event(new RoomEvent.PresenceChanged(member)),
                                event(new RoomEvent.PresenceChanged(stateless)),
                                event(new RoomEvent.MemberLeft(member)),
                                event(new RoomEvent.MembersChanged(many)),
                                event(new RoomEvent.MembersChanged(one)),
                                TuttiV1.joined(
                                        "1", "garden", new JoinResult(position, 42, true, List.of(hello, own), one)),
                                TuttiV1.joined(
                                        "1",
                                        "garden",
                                        new JoinResult(new Position("h-2", 0), 1, false, List.of(), many)),
                                TuttiV1.members("1", "garden", one),
                                TuttiV1.history("1", "garden", new HistoryPage(position, 42, true, List.of(own), true)),
                                Objects.requireNonNull(TuttiV1.PROTOCOL.reconnect(3_250)))
                        .stream()
                        .map(Frame::text)
                        .map(text -> text.replace("tutti " + Version.get(), "tutti VERSION")))
                .containsExactlyElementsOf(lines("answers.txt"));
    }

    private static Request read(String line) {
        Iterator<Request> requests = new Requests(line, new SizeLimit(LIMITS.maxMessageBytes())).iterator();
        Request first = requests.next();
        assertThat(requests.hasNext()).isFalse();
        return first;
    }

    private static Frame event(RoomEvent event) {
        return Objects.requireNonNull(TuttiV1.PROTOCOL.encode("garden", event));
    }

    private static Hub hub() {
        return new Hub(LIMITS, "h", task -> {}, 1, TimeSource.SYSTEM);
    }

    private static Client client(String user) {
        return hub().connect(new SilentTransport(), TuttiV1.PROTOCOL, "", Access.unrestricted(user));
    }

    private static final class SilentTransport implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    }
}
