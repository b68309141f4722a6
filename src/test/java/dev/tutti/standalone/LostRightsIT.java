package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Way;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each protocol, when a user loses a right while the connection is open. The connection does nothing meanwhile. */
class LostRightsIT {
    private static final String GUEST = "?guest=the-secret-of-a-guest";
    private static final String USER =
            Identity.visitor(Way.LOCAL).withGuestSecret("the-secret-of-a-guest").user();
    private static final String GONE = "this user may no longer be in this room";

    /** An update that inserts a letter. */
    private static final String UPDATE = "0002" + "0b" + "0101010004010174016100";

    private static final String SYNC_STEP_1 = "00000100";
    private static final String WITH_LETTER = "0161";

    private volatile Set<Action> denied = EnumSet.noneOf(Action.class);
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.start(
                Map.of(), (identity, action, resource) -> !identity.user().equals(USER) || !denied.contains(action));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Takes a right from the user, and waits until the server has taken it from all connections. */
    private void lose(Action action) throws Exception {
        denied = EnumSet.of(action);
        assertThat(reauthorize()).isOne();
    }

    private static int reauthorize() throws Exception {
        return Tutti.current().reauthorize(USER).toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    private Peer tutti() throws IOException {
        Peer peer = Peer.connect(server.port());
        peer.send(Peer.handshake("/connect" + GUEST, "Sec-WebSocket-Protocol: tutti.v1\r\n"));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        assertThat(peer.frame().text()).contains("\"welcome\"");
        peer.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"garden\"}");
        assertThat(peer.frame().text()).contains("\"joined\"");
        return peer;
    }

    private static String ask(Peer peer, String type, String rest) throws IOException {
        peer.sendText("{\"type\":\"" + type + "\",\"id\":7,\"room\":\"garden\"" + rest + "}");
        return peer.frame().text();
    }

    /** Opens a document, by Hocuspocus's protocol with its name as the address of each message. */
    private Peer document(boolean hocuspocus) throws IOException {
        Peer peer = Peer.open(server.port(), (hocuspocus ? "/hocuspocus" : "/yjs/garden") + GUEST);
        if (hocuspocus) {
            send(peer, true, "020000");
            assertThat(read(peer, true)).isEqualTo("0202" + "0a" + hex("read-write"));
        } else {
            assertThat(read(peer, false)).isEqualTo(SYNC_STEP_1);
        }
        return peer;
    }

    private static String address(boolean hocuspocus) {
        Lib0Writer out = new Lib0Writer();
        if (hocuspocus) {
            out.writeVarString("garden");
        }
        return HexFormat.of().formatHex(out.toByteArray());
    }

    private static void send(Peer peer, boolean hocuspocus, String message) throws IOException {
        peer.send(Peer.frame(0x82, HexFormat.of().parseHex(address(hocuspocus) + message)));
    }

    private static String read(Peer peer, boolean hocuspocus) throws IOException {
        Peer.Frame frame = peer.frame();
        assertThat(frame.opcode()).isEqualTo(Peer.BINARY);
        return HexFormat.of()
                .formatHex(frame.payload())
                .substring(address(hocuspocus).length());
    }

    private static void assertClosed(Peer peer, int code, String reason) throws IOException {
        Peer.Frame close = peer.closeFrame();
        assertThat(close.code()).isEqualTo(code);
        assertThat(close.reason()).isEqualTo(reason);
    }

    @Test
    void plainListenerIsClosed() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws/garden" + GUEST)) {
            peer.sendText("\"a\"");
            peer.frame();
            lose(Action.READ);
            assertClosed(peer, 4403, GONE);
            assertThat(Tutti.current().members("garden")).isEmpty();
        }
    }

    @Test
    void plainWriterIsClosedWhenItWrites() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws/garden" + GUEST)) {
            peer.sendText("\"a\"");
            peer.frame();
            lose(Action.WRITE);
            Tutti.current().publish("garden", "b");
            assertThat(peer.frame().text()).isEqualTo("\"b\"");
            peer.sendText("\"c\"");
            assertClosed(peer, 4403, "this user may not publish in this room");
            assertThat(Tutti.current()
                            .publish("garden", "d")
                            .toCompletableFuture()
                            .get()
                            .offset())
                    .isEqualTo(3);
        }
    }

    @Test
    void plainClientWithOtherPresenceReconnects() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws/garden" + GUEST)) {
            peer.sendText("\"a\"");
            peer.frame();
            lose(Action.PRESENCE);
            assertClosed(peer, 1001, "the rights of this user have changed: connect again");
            assertThat(Tutti.current().members("garden")).isEmpty();
        }
    }

    @Test
    void roomIsLeftWithAReason() throws Exception {
        try (Peer peer = tutti()) {
            lose(Action.READ);
            assertThat(peer.frame().text())
                    .isEqualTo("{\"type\":\"removed\",\"room\":\"garden\",\"code\":\"forbidden\",\"reason\":\"" + GONE
                            + "\"}");
            Tutti.current().publish("garden", "secret");
            assertThat(ask(peer, "history", "")).contains("not_joined");
            assertThat(ask(peer, "join", "")).contains("\"code\":\"forbidden\"");
        }
    }

    @Test
    void writerInARoomBecomesAReader() throws Exception {
        try (Peer peer = tutti()) {
            lose(Action.WRITE);
            assertThat(ask(peer, "publish", ",\"data\":1")).contains("\"code\":\"forbidden\"");
            Tutti.current().publish("garden", "b");
            assertThat(peer.frame().text()).contains("\"offset\":1").contains("\"b\"");
            denied = Set.of();
            reauthorize();
            assertThat(ask(peer, "publish", ",\"data\":1")).contains("\"offset\":2");
        }
    }

    @Test
    void roomIsJoinedAgainWithOtherPresence() throws Exception {
        try (Peer peer = tutti()) {
            lose(Action.PRESENCE);
            assertThat(peer.frame().text()).contains("\"removed\"", "\"code\":\"rejoin\"");
            assertThat(ask(peer, "join", "")).contains("\"joined\"", "\"members\":[]");
            assertThat(Tutti.current().members("garden")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writerOfADocumentBecomesAReader(boolean hocuspocus) throws Exception {
        try (Peer peer = document(hocuspocus)) {
            lose(Action.WRITE);
            if (hocuspocus) {
                assertThat(read(peer, true)).isEqualTo("0202" + "08" + hex("readonly"));
            }
            send(peer, hocuspocus, UPDATE);
            if (hocuspocus) {
                assertThat(read(peer, true)).isEqualTo("0800"); // its sync status: not stored
            }
            send(peer, hocuspocus, SYNC_STEP_1);
            assertThat(read(peer, hocuspocus)).startsWith("0001").doesNotContain(WITH_LETTER);
            if (hocuspocus) {
                read(peer, true); // the server's own step 1
            }
            denied = Set.of();
            reauthorize();
            if (hocuspocus) {
                assertThat(read(peer, true)).isEqualTo("0202" + "0a" + hex("read-write"));
            }
            send(peer, hocuspocus, UPDATE);
            assertThat(read(peer, hocuspocus)).isEqualTo(UPDATE);
            if (hocuspocus) {
                assertThat(read(peer, true)).isEqualTo("0801"); // its sync status: stored
            }
        }
    }

    @Test
    void scopeIsSentOnceForEachChange() throws Exception {
        try (Peer peer = document(true)) {
            lose(Action.WRITE);
            reauthorize();
            assertThat(read(peer, true)).isEqualTo("0202" + "08" + hex("readonly"));
            send(peer, true, SYNC_STEP_1);
            assertThat(read(peer, true)).startsWith("0001");
        }
    }

    @Test
    void documentIsClosedWithAReason() throws Exception {
        String reason = "this user may no longer open this document";
        try (Peer peer = document(false)) {
            lose(Action.READ);
            assertThat(read(peer, false)).isEqualTo("0200" + "2a" + hex(reason));
            assertClosed(peer, 4403, reason);
        }
        try (Peer peer = Peer.open(server.port(), "/yjs/garden" + GUEST)) {
            assertThat(read(peer, false)).isEqualTo("0200" + "24" + hex("this user may not open this document"));
            assertClosed(peer, 4403, "this user may not open this document");
        }
    }

    @Test
    void hocuspocusDeniesTheDocumentAndStaysOpen() throws Exception {
        try (Peer peer = document(true)) {
            lose(Action.READ);
            assertThat(read(peer, true)).isEqualTo("0201" + "2a" + hex("this user may no longer open this document"));
            send(peer, true, "020000");
            assertThat(read(peer, true)).contains(hex("this user may not open this document"));
            denied = Set.of();
            send(peer, true, "020000");
            assertThat(read(peer, true)).isEqualTo("0202" + "0a" + hex("read-write"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws/garden", "/connect", "/yjs/garden", "/hocuspocus"})
    void disconnectedUserIsClosedOnEachPath(String path) throws Exception {
        try (Peer peer = Peer.connect(server.port());
                Peer other = Peer.open(server.port(), "/ws/garden")) {
            peer.send(Peer.handshake(path + GUEST, "Sec-WebSocket-Protocol: tutti.v1\r\n"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");

            await().untilAsserted(() -> assertThat(server.clients()).isEqualTo(2));
            assertThat(Tutti.current().disconnect(USER).toCompletableFuture().get(5, TimeUnit.SECONDS))
                    .isOne();

            assertClosed(peer, 4403, "an administrator has disconnected this user");
            other.sendText("\"a\"");
            assertThat(other.frame().text()).isEqualTo("\"a\"");
        }
    }
}
