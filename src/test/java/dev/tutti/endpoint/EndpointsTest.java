package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.CloseCode;
import jakarta.websocket.CloseReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each endpoint as a container calls it. */
class EndpointsTest {
    private final FakeSession.Container container =
            new FakeSession.Container(Map.of("max-message-bytes", "100", "max-update-bytes", "10"));

    @AfterEach
    void close() {
        container.close();
    }

    private BroadcastEndpoint broadcast(FakeSession session) {
        BroadcastEndpoint endpoint = new BroadcastEndpoint();
        endpoint.open(session.session);
        return endpoint;
    }

    @Test
    void broadcastReachesAllSessions() {
        FakeSession ann = container.session("/ws");
        FakeSession ben = container.session("/ws");
        BroadcastEndpoint endpoint = broadcast(ann);
        broadcast(ben);

        endpoint.message(new MessageDecoder().decode("\"hello\""));
        container.run();

        assertThat(ann.received).containsExactly("\"hello\"");
        assertThat(ben.received).containsExactly("\"hello\"");
    }

    @Test
    void closedSessionIsUnregistered() {
        FakeSession ann = container.session("/ws");
        BroadcastEndpoint endpoint = broadcast(ann);
        assertThat(SessionRegistry.find(ann.session)).isNotNull();

        endpoint.close(ann.session);
        endpoint.close(ann.session);

        assertThat(SessionRegistry.find(ann.session)).isNull();
        assertThat(container.hub.clientCount()).isZero();
    }

    @Test
    void decoderUsesTheLimitOfTheApplication() {
        FakeSession ann = container.session("/ws");
        BroadcastEndpoint endpoint = broadcast(ann);

        endpoint.message(new MessageDecoder().decode('"' + "x".repeat(99) + '"'));

        assertThat(ann.closeCode).isEqualTo(CloseCode.TOO_LARGE);
        assertThat(ann.closeReason).isEqualTo("a message has at most 100 bytes");
    }

    @Test
    void binaryMessageClosesPlainAndTuttiConnections() {
        FakeSession plain = container.session("/ws");
        broadcast(plain).message(ByteBuffer.allocate(1));
        FakeSession room = container.session("/ws/garden");
        RoomEndpoint roomEndpoint = new RoomEndpoint();
        roomEndpoint.open(room.session);
        roomEndpoint.message(ByteBuffer.allocate(1));
        FakeSession tutti = container.session("/connect", "tutti.v1", Map.of());
        ConnectEndpoint connect = new ConnectEndpoint();
        connect.open(tutti.session);
        connect.message(ByteBuffer.allocate(1));

        assertThat(List.of(plain, room, tutti))
                .extracting(session -> session.closeCode)
                .containsOnly(CloseCode.NOT_ACCEPTABLE);
    }

    @Test
    void roomIsTheLastSegmentOfThePathDecoded() {
        FakeSession ann = container.session("/app/ws/gar%64en");
        new RoomEndpoint().open(ann.session);

        assertThat(container.hub.members("garden"))
                .singleElement()
                .satisfies(member -> assertThat(member.user()).isEqualTo("Ann"));
    }

    @Test
    void connectWelcomesTheUserOfTheHandshake() {
        FakeSession ann = container.session("/connect", "tutti.v1", Map.of());
        ConnectEndpoint endpoint = new ConnectEndpoint();
        endpoint.open(ann.session);
        endpoint.message(new RequestDecoder().decode("{\"type\":\"ping\",\"id\":1}"));

        assertThat(ann.received).hasSize(2);
        assertThat(ann.received.get(0)).contains("\"type\":\"welcome\"").contains("\"user\":\"Ann\"");
        assertThat(ann.received.get(1)).isEqualTo("{\"type\":\"ok\",\"id\":1}");
    }

    @Test
    void connectWithoutTheSubprotocolIsClosed() {
        FakeSession ann = container.session("/connect", "", Map.of());
        ConnectEndpoint endpoint = new ConnectEndpoint();
        endpoint.open(ann.session);
        endpoint.message(new RequestDecoder().decode("{\"type\":\"ping\",\"id\":1}"));

        assertThat(ann.closeCode).isEqualTo(CloseCode.POLICY);
        assertThat(ann.received).isEmpty();
    }

    @Test
    void documentMessageOverTheLimitIsTooLarge() {
        FakeSession ann = container.session("/yjs/minutes");
        DocumentEndpoint endpoint = new DocumentEndpoint();
        endpoint.open(ann.session);

        endpoint.message(new byte[6], false);
        assertThat(ann.closeCode).isNull();
        endpoint.message(new byte[5], true);

        assertThat(ann.closeCode).isEqualTo(CloseCode.TOO_LARGE);
        assertThat(ann.closeReason).isEqualTo("a message has at most 10 bytes");
    }

    @Test
    void documentMessageInPartsIsJoined() {
        FakeSession ann = container.session("/yjs/minutes");
        DocumentEndpoint endpoint = new DocumentEndpoint();
        endpoint.open(ann.session);
        container.run();
        ann.received.clear();

        endpoint.message(new byte[] {0, 0}, false); // sync step 1 …
        endpoint.message(new byte[] {1, 0}, true); // … with an empty state vector
        container.run();

        assertThat(ann.closeCode).isNull();
        assertThat(ann.received).isNotEmpty();
    }

    @Test
    void unfinishedMessageOfAClosedSessionIsDropped() {
        FakeSession ann = container.session("/yjs/minutes");
        DocumentEndpoint endpoint = new DocumentEndpoint();
        endpoint.open(ann.session);
        endpoint.message(new byte[6], false);
        assertThat(container.hub.budget().usedBytes(Share.INPUT)).isEqualTo(6);

        ann.isOpen = false;
        endpoint.message(new byte[3], false);

        assertThat(container.hub.budget().usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void sessionThatClosesWhileItOpensLeavesNoClient() {
        FakeSession ann = container.session("/yjs/minutes");
        ann.isOpen = false;
        DocumentEndpoint endpoint = new DocumentEndpoint();

        endpoint.close(ann.session, new CloseReason(CloseReason.CloseCodes.NORMAL_CLOSURE, "")); // by another thread
        endpoint.open(ann.session);

        assertThat(container.hub.clientCount()).isZero();
        assertThat(SessionRegistry.find(ann.session)).isNull();
    }

    @Test
    void partAfterTheCloseIsNotKept() {
        FakeSession ann = container.session("/yjs/minutes");
        DocumentEndpoint endpoint = new DocumentEndpoint();
        endpoint.open(ann.session);
        endpoint.message(new byte[6], false);

        endpoint.close(ann.session, new CloseReason(CloseReason.CloseCodes.NORMAL_CLOSURE, ""));
        endpoint.message(new byte[3], false);

        assertThat(container.hub.budget().usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void peerThatSendsOnAfterTheCloseIsCutOff() {
        FakeSession ann = container.session("/yjs/minutes");
        DocumentEndpoint endpoint = new DocumentEndpoint();
        endpoint.open(ann.session);
        ann.isOpen = false;

        endpoint.message(new byte[InputAfterClose.MAX_IGNORED_BYTES], false);
        Throwable thrown = catchThrowable(() -> endpoint.message(new byte[1], false));
        endpoint.error(ann.session, thrown);

        assertThat(thrown).isInstanceOf(InputAfterClose.TooMuchException.class);
        assertThat(ann.closeCode).as("this is no fault of the server").isNull();
    }

    @Test
    void textAndImpossibleNamesCloseDocumentConnections() {
        FakeSession ann = container.session("/yjs/minutes");
        DocumentEndpoint endpoint = new DocumentEndpoint();
        endpoint.open(ann.session);
        endpoint.message("text", true);
        FakeSession ben = container.session("/yjs/.hidden");
        new DocumentEndpoint().open(ben.session);
        FakeSession eve = container.session("/hocuspocus");
        HocuspocusEndpoint hocuspocus = new HocuspocusEndpoint();
        hocuspocus.open(eve.session);
        hocuspocus.message("text", true);

        assertThat(ann.closeCode).isEqualTo(CloseCode.NOT_ACCEPTABLE);
        assertThat(ben.closeCode).isEqualTo(CloseCode.POLICY);
        assertThat(eve.closeCode).isEqualTo(CloseCode.NOT_ACCEPTABLE);
    }

    @Test
    void brokenConnectionIsNoFaultOfTheServer() {
        FakeSession ann = container.session("/ws");
        BroadcastEndpoint endpoint = broadcast(ann);
        endpoint.error(ann.session, new RuntimeException(new IOException("reset")));
        assertThat(ann.closeCode).isNull();

        ann.isOpen = false;
        endpoint.error(ann.session, new IllegalStateException("closed"));
        assertThat(ann.closeCode).isNull();
    }

    @Test
    void faultOfTheServerClosesTheSession() {
        FakeSession ann = container.session("/ws");
        broadcast(ann).error(ann.session, new IllegalStateException("fault of the test"));

        assertThat(ann.closeCode).isEqualTo(CloseCode.INTERNAL);
        assertThat(ann.closeReason).isEqualTo("the server failed");
    }
}
