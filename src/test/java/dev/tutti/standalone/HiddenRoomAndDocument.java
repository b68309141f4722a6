package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.TestSettings;
import dev.tutti.Tutti;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/**
 * A keeper holds a room and a document {@code secret}, each with a text; ann may do everything in the room {@code lobby} and with the document
 * {@code mine}, carl the same without presence, and all others nothing. After each test no connection is left, and nothing of the keeper's has
 * changed. Confined to one thread.
 */
abstract class HiddenRoomAndDocument {
    static final String KEEPER = "keeper-of-the-secret";
    static final String TEXT = "the-hidden-text";
    static final String RULES = json("[{'user':'" + KEEPER
            + "','rooms':['*'],'documents':['*'],'may':['read','write','presence','manage']},"
            + "{'user':'ann','rooms':['lobby'],'documents':['mine'],'may':['read','write','presence','manage']},"
            + "{'user':'carl','rooms':['lobby'],'documents':['mine'],'may':['read','write']}]");
    static final String KEEPERS_TOKEN = SecretTokens.token(KEEPER, 600);
    static final String ANNS_TOKEN = SecretTokens.token("ann", 600);
    static final String CARLS_TOKEN = SecretTokens.token("carl", 600);

    /** These have a history, so they stay. */
    static final List<String> OTHER_ROOMS = List.of("lobby", "den");

    static final String ABSENT = "nobodys";
    static final byte[] SYNC_STEP_1 = hex("00000100");
    static final byte[] AWARENESS_QUERY = hex("03");
    static final byte[] CONFIRM = hex("6601aa");

    static final int TIMEOUT_MILLIS = 5_000;

    private static final AtomicInteger DEFACERS = new AtomicInteger(77);

    static StandaloneServer server;
    static Connection keeperInRoom;
    static Connection keeperInDocument;

    /** Texts of which none may reach another user. */
    static List<String> hidden;

    static List<String> before;

    static String json(String text) {
        return text.replace('\'', '"');
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static String bearer(String token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    /** A connection that keeps all that it received, one character for each byte. */
    record Connection(Peer peer, StringBuilder received) implements AutoCloseable {
        static Connection open() throws IOException {
            Peer peer = Peer.connect(server.port());
            peer.socket().setSoTimeout(TIMEOUT_MILLIS);
            return new Connection(peer, new StringBuilder());
        }

        /** Opens a connection and sends a handshake; returns it after the head of the response, or after the whole of a refusal. */
        static Connection upgrade(String target, String... fields) throws IOException {
            Connection connection = open();
            connection.peer.send(Peer.handshake(target, fields));
            connection.received.append(connection.peer.head());
            if (!connection.isOpen()) {
                connection.received.append(connection.peer.rest());
            }
            return connection;
        }

        boolean isOpen() {
            return received.indexOf("HTTP/1.1 101 ") == 0;
        }

        int status() {
            return Integer.parseInt(received.substring(9, 12));
        }

        void send(byte[] message) throws IOException {
            peer.send(Peer.frame(0x80 | Peer.BINARY, message));
        }

        /** Reads up to the first frame that matches, or the close frame, and returns it. */
        Peer.Frame readUntil(Predicate<Peer.Frame> isLast) throws IOException {
            while (true) {
                Peer.Frame frame = peer.frame();
                if (frame.opcode() == Peer.PING) {
                    peer.send(Peer.frame(0x80 | Peer.PONG, frame.payload()));
                    continue;
                }
                received.append(new String(frame.payload(), ISO_8859_1)).append('\n');
                if (frame.opcode() == Peer.CLOSE || isLast.test(frame)) {
                    return frame;
                }
            }
        }

        /** Reads up to a binary frame with this beginning, and returns it in hexadecimal. */
        String readMessage(String beginning) throws IOException {
            Peer.Frame frame = readUntil(next -> hexOf(next).startsWith(beginning));
            assertThat(frame.opcode()).isEqualTo(Peer.BINARY);
            return hexOf(frame);
        }

        static String hexOf(Peer.Frame frame) {
            return HexFormat.of().formatHex(frame.payload());
        }

        /** Sends a request of {@code tutti.v1} with the id 1, in which apostrophes stand for quotes, and returns its answer. */
        String ask(String type, String rest) throws IOException {
            peer.sendText(json("{'type':'" + type + "','id':1" + rest + "}"));
            return readUntil(frame -> frame.text().contains("\"id\":1")).text();
        }

        @Override
        public void close() throws IOException {
            peer.close();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server = StandaloneServer.start(
                TestSettings.of(Map.of("access", "token", "jwt-secret", SecretTokens.SECRET, "rules", RULES)), null);
        keeperInRoom = tutti(KEEPERS_TOKEN);
        Matcher client = Pattern.compile("\"client\":\"([^\"]+)\"").matcher(keeperInRoom.received);
        assertThat(client.find()).isTrue();
        keeperInRoom.ask("join", ",'room':'secret','state':'" + TEXT + "'");
        keeperInRoom.ask("publish", ",'room':'secret','data':'" + TEXT + "'");
        for (String room : OTHER_ROOMS) {
            Tutti.current().publish(room, "").toCompletableFuture().join();
        }
        keeperInDocument = Connection.upgrade("/yjs/secret", bearer(KEEPERS_TOKEN));
        keeperInDocument.send(update(1_000_001, TEXT));
        keeperInDocument.send(awareness(1_000_001, KEEPER));
        keeperInDocument.send(CONFIRM);
        keeperInDocument.readMessage("66");
        Matcher stored = Pattern.compile("\"stateVector\":\"([^\"]+)\"")
                .matcher(http("GET /api/documents/secret/stored", bearer(KEEPERS_TOKEN)));
        assertThat(stored.find()).isTrue();
        hidden = List.of(KEEPER, TEXT, '"' + client.group(1) + '"', stored.group(1));
        before = keepers();
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @AfterEach
    void assertNothingIsLeft() throws IOException {
        await().atMost(Duration.ofMillis(TIMEOUT_MILLIS)).untilAsserted(() -> {
            assertThat(Tutti.current().parts().hub().clientCount()).isEqualTo(2);
            assertThat(Tutti.current().parts().documents().count()).isOne();
        });
        assertUnchanged();
    }

    /** Returns all that the keeper sees of the room and the document, and of their members. */
    static List<String> keepers() throws IOException {
        List<String> found = new ArrayList<>();
        found.add(keeperInRoom.ask("history", ",'room':'secret'"));
        found.add(keeperInRoom.ask("members", ",'room':'secret'"));
        keeperInDocument.send(SYNC_STEP_1);
        found.add(keeperInDocument.readMessage("0001"));
        keeperInDocument.send(AWARENESS_QUERY);
        found.add(keeperInDocument.readMessage("01").replaceFirst("(?<=c1843d)..", "")); // the server raises the clock
        String list = http("GET /api/documents", bearer(KEEPERS_TOKEN));
        Pattern.compile("\\{\"name\":\"([^\"]*)\"[^}]*}")
                .matcher(list)
                .results()
                .filter(document -> !document.group(1).equals("mine"))
                .forEach(document -> found.add(document.group()));
        found.add("rooms: " + Tutti.current().parts().hub().roomCount());
        return found;
    }

    static void assertUnchanged() throws IOException {
        assertThat(keepers()).isEqualTo(before);
    }

    static void assertNoLeak(CharSequence received) {
        for (String text : hidden) {
            assertThat(received).doesNotContain(text);
        }
    }

    /** Sends a request without content, and returns its response, a character for each byte. */
    static String http(String methodAndTarget, String... fields) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(methodAndTarget + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                    + String.join("", fields) + "\r\n");
            return peer.rest();
        }
    }

    static int status(String response) {
        return Integer.parseInt(response.substring(9, 12));
    }

    /** Opens {@code tutti.v1}, and reads the welcome. */
    static Connection tutti(String token) throws IOException {
        Connection connection = Connection.upgrade(
                "/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n", token.isEmpty() ? "" : bearer(token));
        connection.readUntil(frame -> true);
        return connection;
    }

    /** Returns an update that inserts a text, as a message of y-protocols. */
    static byte[] update(int client, String text) {
        Lib0Writer update = new Lib0Writer();
        update.write(hex("0101"));
        update.writeVarUint(client);
        update.write(hex("0004010174"));
        update.writeVarString(text);
        update.writeVarUint(0);
        Lib0Writer message = new Lib0Writer();
        message.write(hex("0002"));
        message.writeVarBytes(update.toByteArray());
        return message.toByteArray();
    }

    /** Returns an update of another client each time: a document may have been deleted since the last one, and then refuses its clients. */
    static byte[] defacement() {
        return update(DEFACERS.incrementAndGet(), "defaced");
    }

    /** Returns an awareness message of one client with a name. */
    static byte[] awareness(int client, String name) {
        Lib0Writer update = new Lib0Writer();
        update.writeVarUint(1);
        update.writeVarUint(client);
        update.writeVarUint(1);
        update.writeVarString(json("{'name':'" + name + "'}"));
        Lib0Writer message = new Lib0Writer();
        message.writeVarUint(1);
        message.writeVarBytes(update.toByteArray());
        return message.toByteArray();
    }

    /** Tries all that an editor can do; ends with the content of the document, or the close. */
    static Peer.Frame tryDocument(Connection connection) throws IOException {
        connection.send(awareness(77, "stranger"));
        connection.send(defacement());
        connection.send(AWARENESS_QUERY);
        connection.send(SYNC_STEP_1);
        return connection.readUntil(frame -> Connection.hexOf(frame).startsWith("0001"));
    }

    /** Tries all that a client of a room can do; ends with the echo, or the close. */
    static Peer.Frame tryRoom(Connection connection) throws IOException {
        connection.peer.sendText("\"defaced\"");
        return connection.readUntil(frame -> frame.text().equals("\"defaced\""));
    }

    static void assertRefused(Connection connection, Peer.Frame last) {
        assertThat(last.opcode()).isEqualTo(Peer.CLOSE);
        assertThat(last.code()).isEqualTo(4403);
        assertThat(connection.received).doesNotContain("defaced");
    }

    static byte[] addressed(String key, byte[] message) {
        Lib0Writer frame = new Lib0Writer();
        frame.writeVarString(key);
        frame.write(message);
        return frame.toByteArray();
    }

    static byte[] authentication(String key, String token) {
        Lib0Writer message = new Lib0Writer();
        message.write(hex("0200"));
        message.writeVarString(token);
        return addressed(key, message.toByteArray());
    }

    /** Authenticates for a document and tries all that an editor can do with it; returns the scope, or the reason of the denial. */
    static String tryHocuspocus(Connection connection, String key, String token) throws IOException {
        String address = HexFormat.of().formatHex(addressed(key, new byte[0]));
        for (byte[] message : List.of(awareness(77, "stranger"), defacement(), SYNC_STEP_1)) {
            connection.send(addressed(key, message)); // these wait for the authentication
        }
        connection.send(authentication(key, token));
        Peer.Frame answer =
                connection.readUntil(frame -> Connection.hexOf(frame).startsWith(address + "02"));
        connection.send(addressed(key, AWARENESS_QUERY));
        connection.send(addressed(key, SYNC_STEP_1));
        String text = answer.text().substring(answer.text().indexOf(2) + 3);
        if (text.equals("read-write")) {
            connection.readMessage(address + "0001");
        }
        return text;
    }
}
