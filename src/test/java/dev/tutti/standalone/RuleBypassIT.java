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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ways round the rules. A keeper holds a room and a document {@code secret}, each with a text; ann may do everything in the room {@code lobby}
 * and with the document {@code mine}, carl the same without presence, and all others nothing. No byte of the text or of the keeper's name
 * reaches them, and nothing of the keeper's changes.
 */
class RuleBypassIT {
    private static final String KEEPER = "keeper-of-the-secret";
    private static final String TEXT = "the-hidden-text";
    private static final String RULES = json("[{'user':'" + KEEPER
            + "','rooms':['*'],'documents':['*'],'may':['read','write','presence','manage']},"
            + "{'user':'ann','rooms':['lobby'],'documents':['mine'],'may':['read','write','presence','manage']},"
            + "{'user':'carl','rooms':['lobby'],'documents':['mine'],'may':['read','write']}]");
    private static final String KEEPERS_TOKEN = SecretTokens.token(KEEPER, 600);
    private static final String ANNS_TOKEN = SecretTokens.token("ann", 600);
    private static final String CARLS_TOKEN = SecretTokens.token("carl", 600);

    /** These have a history, so they stay. */
    private static final List<String> OTHER_ROOMS = List.of("lobby", "den");

    private static final String NOBODYS_DOCUMENT = "nobodys";
    private static final byte[] SYNC_STEP_1 = hex("00000100");
    private static final byte[] AWARENESS_QUERY = hex("03");
    private static final byte[] CONFIRM = hex("6601aa");

    private static final int TIMEOUT_MILLIS = 5_000;

    private static StandaloneServer server;
    private static Connection keeperInRoom;
    private static Connection keeperInDocument;

    /** Texts of which none may reach another user. */
    private static List<String> hidden;

    private static List<String> before;

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    /** A connection that keeps all that it received, one character for each byte. */
    private record Connection(Peer peer, StringBuilder received) implements AutoCloseable {
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

        private static String hexOf(Peer.Frame frame) {
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
            assertThat(Tutti.current().hub().clientCount()).isEqualTo(2);
            assertThat(Tutti.current().documents().count()).isOne();
        });
        assertUnchanged();
    }

    /** Returns all that the keeper sees of the room and the document, and of their members. */
    private static List<String> keepers() throws IOException {
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
        found.add("rooms: " + Tutti.current().hub().roomCount());
        return found;
    }

    private static void assertUnchanged() throws IOException {
        assertThat(keepers()).isEqualTo(before);
    }

    private static void assertNoLeak(CharSequence received) {
        for (String text : hidden) {
            assertThat(received).doesNotContain(text);
        }
    }

    /** Sends a request without content, and returns its response, a character for each byte. */
    private static String http(String methodAndTarget, String... fields) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(methodAndTarget + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                    + String.join("", fields) + "\r\n");
            return peer.rest();
        }
    }

    private static int status(String response) {
        return Integer.parseInt(response.substring(9, 12));
    }

    /** Opens {@code tutti.v1}, and reads the welcome. */
    private static Connection tutti(String token) throws IOException {
        Connection connection = Connection.upgrade(
                "/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n", token.isEmpty() ? "" : bearer(token));
        connection.readUntil(frame -> true);
        return connection;
    }

    /** Returns an update that inserts a text, as a message of y-protocols. */
    private static byte[] update(int client, String text) {
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

    /** Returns an awareness message of one client with a name. */
    private static byte[] awareness(int client, String name) {
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
    private static Peer.Frame tryDocument(Connection connection) throws IOException {
        connection.send(awareness(77, "stranger"));
        connection.send(update(77, "defaced"));
        connection.send(AWARENESS_QUERY);
        connection.send(SYNC_STEP_1);
        return connection.readUntil(frame -> Connection.hexOf(frame).startsWith("0001"));
    }

    /** Tries all that a client of a room can do; ends with the echo, or the close. */
    private static Peer.Frame tryRoom(Connection connection) throws IOException {
        connection.peer.sendText("\"defaced\"");
        return connection.readUntil(frame -> frame.text().equals("\"defaced\""));
    }

    private static void assertRefused(Connection connection, Peer.Frame last) {
        assertThat(last.opcode()).isEqualTo(Peer.CLOSE);
        assertThat(last.code()).isEqualTo(4403);
        assertThat(connection.received).doesNotContain("defaced");
    }

    /** Without this, the other tests could not fail. */
    @Test
    void keeperFindsTheHiddenTexts() throws IOException {
        try (Connection document = Connection.upgrade("/yjs/secret", bearer(KEEPERS_TOKEN));
                Connection room = tutti(KEEPERS_TOKEN)) {
            document.send(AWARENESS_QUERY);
            document.readMessage("01");
            document.send(SYNC_STEP_1);
            document.readMessage("0001");
            assertThat(document.received).contains(KEEPER, TEXT);
            room.ask("join", ",'room':'secret'");
            room.ask("history", ",'room':'secret'");
            assertThat(room.received).contains(KEEPER, TEXT, hidden.get(2));
        }
        assertThat(http("GET /api/documents/%73ecret/stored", bearer(KEEPERS_TOKEN)))
                .startsWith("HTTP/1.1 200")
                .contains(hidden.get(3));
        await().until(() -> Tutti.current().hub().clientCount() == 2); // the leaves precede the keeper's next look
        await().untilAsserted(RuleBypassIT::assertUnchanged);
    }

    /** Spellings of the name, as the rest of a path; those that begin with {@code mine?} are of a document that ann may open. */
    static Stream<String> spellings() {
        return Stream.of(
                        "secret,Secret,SECRET,%73ecret,%53ecret,%73%65%63%72%65%74,%2573ecret,%u0073ecret,\\u0073ecret",
                        "secret%00,secret%00mine,mine%00secret,%00secret,secret%20,%20secret,secret+,secret%09,secret%0a,secret%0D%0A,secret%7F",
                        "secret;x,secret;x=1,mine;/../secret,secret%3Bx,;secret,secret/,/secret,//secret,./secret,mine/../secret,.%2Fsecret",
                        "mine/%2e%2e/secret,mine/.%2E/secret,mine/..;/secret,mine%2F..%2Fsecret,mine%2fsecret,%2Fsecret,..%2Fsecret,..%5Csecret",
                        "mine%5C..%5Csecret,secret.,secret..,.secret,secret%2e,%2e%2e,.,..,secret#mine,mine#secret,secret%23,secret%3Fa,mine%3F",
                        "s%D0%B5cret,%EF%BD%93ecret,%C5%BFecret,secre%E2%80%8Bt,secret%CC%81,%EF%BB%BFsecret,%E2%80%AEterces",
                        "%C1%B3ecret,%E0%81%B3ecret,%F0%80%81%B3ecret,%F3ecret,secret%C0%80,%ED%A0%80secret,%FF",
                        "secret?document=mine,secret?room=mine&document=mine,secret?access=read,secret?name=mine,secret?,secret?token=",
                        "mine?document=secret,mine?room=secret&document=secret,mine?document=mine&document=secret,mine?name=secret,mine?/secret",
                        "mine?access=write,mine?access=read&access=write,mine?guest=" + KEEPER + ",mine?user=" + KEEPER,
                        "*,%2A,s*,{document},{room},{user},%7Buser%7D,mine:secret,mine@secret,mine~secret,'secret',secret%27--,secret%%,%,")
                .flatMap(line -> Stream.of(line.split(",", -1)));
    }

    @ParameterizedTest
    @MethodSource("spellings")
    void otherSpellingsAreOtherNames(String spelling) throws IOException {
        boolean isMine = spelling.startsWith("mine?");
        for (String path : List.of("/yjs/", "/ws/")) {
            try (Connection ann = Connection.upgrade(path + spelling, bearer(ANNS_TOKEN))) {
                if (ann.isOpen()) {
                    Peer.Frame last = path.equals("/ws/") ? tryRoom(ann) : tryDocument(ann);
                    if (!isMine || path.equals("/ws/")) {
                        assertRefused(ann, last);
                    }
                } else {
                    assertThat(ann.status()).isIn(400, 404);
                }
                assertNoLeak(ann.received);
                assertUnchanged();
            }
        }
        int query = spelling.indexOf('?');
        String path = query < 0 ? spelling : spelling.substring(0, query);
        String rest = query < 0 ? "" : spelling.substring(query);
        for (String request : List.of(
                "GET /api/documents/" + path + "/stored" + rest,
                "HEAD /api/documents/" + path + "/stored" + rest,
                "DELETE /api/documents/" + path + rest,
                "POST /api/documents/" + path + rest)) {
            String response = http(request, bearer(ANNS_TOKEN));
            assertThat(isMine ? 403 : status(response)).as(request).isIn(400, 403, 404, 405);
            assertNoLeak(response);
        }
        for (String query2 : List.of("document=", "room=", "document=mine&document=", "room=lobby&document=")) {
            String response = http("GET /api/me?" + query2 + spelling, bearer(ANNS_TOKEN));
            if (!spelling.startsWith("mine") && !query2.startsWith("document=mine")) {
                assertThat(response).doesNotContain("\"read\"", "\"manage\"");
            }
            assertNoLeak(response);
        }
        assertUnchanged();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/YJS/secret",
                "/Yjs/secret",
                "//yjs/secret",
                "/yjs//secret",
                "/yjs;x/secret",
                "/yjs;/secret",
                "/./yjs/secret",
                "/x/../yjs/secret",
                "/%79js/secret",
                "/yjs%2Fsecret",
                "/yjs/mine/secret",
                "/yjs/secret/mine",
                "/yjs/mine/../secret",
                "http://127.0.0.1/yjs/secret",
                "http://localhost/yjs/../yjs/secret",
                "/ws/lobby/secret",
                "/WS/secret",
                "/ws;/secret",
                "/%77s/secret",
                "/ws",
                "/ws?room=secret",
                "/ws/",
                "/ws/lobby/../secret",
                "/api/yjs/secret",
                "/tutti/yjs/secret",
                "/yjs/nobodys",
                "/yjs/lobby",
                "/ws/mine",
                "/hocuspocus/secret",
                "/connect/secret",
                "/ws/secret?guest=" + KEEPER
            })
    void otherPathsLeadNowhere(String target) throws IOException {
        try (Connection ann = Connection.upgrade(target, bearer(ANNS_TOKEN))) {
            if (ann.isOpen()) {
                assertRefused(ann, ann.readUntil(frame -> false));
            } else {
                assertThat(ann.status()).isIn(400, 404);
            }
            assertNoLeak(ann.received);
            assertUnchanged();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/API/documents/secret",
                "/api/Documents/secret",
                "//api/documents/secret",
                "/api//documents/secret",
                "/api/documents//secret",
                "/api;x/documents/secret",
                "/api/documents;x/secret",
                "/api/documents;/secret",
                "/%61pi/documents/secret",
                "/api/%64ocuments/secret",
                "/api%2Fdocuments%2Fsecret",
                "/api/x/../documents/secret",
                "/health/../api/documents/secret",
                "/health;/../api/documents/secret",
                "http://127.0.0.1/api/documents/secret",
                "/api/documents/mine/secret",
                "/api/documents/mine/../secret",
                "/api/documents/mine/stored/../../secret"
            })
    void otherPathsOfTheApiLeadNowhere(String path) throws IOException {
        for (String request : List.of(
                "GET " + path,
                "DELETE " + path,
                "GET " + path + "/stored",
                "GET " + path + "/Stored",
                "GET " + path + "/stored/",
                "GET " + path + "/stored;x",
                "GET " + path + "/%73tored",
                "GET " + path + "%2Fstored",
                "GET " + path + "/stored%00",
                "DELETE " + path + "/stored")) {
            String response = http(
                    request,
                    bearer(ANNS_TOKEN),
                    "X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /api/documents\r\n");
            assertThat(status(response)).as(request).isIn(400, 403, 404, 405);
            assertNoLeak(response);
        }
    }

    private static byte[] addressed(String key, byte[] message) {
        Lib0Writer frame = new Lib0Writer();
        frame.writeVarString(key);
        frame.write(message);
        return frame.toByteArray();
    }

    private static byte[] authentication(String key, String token) {
        Lib0Writer message = new Lib0Writer();
        message.write(hex("0200"));
        message.writeVarString(token);
        return addressed(key, message.toByteArray());
    }

    /** Authenticates for a document and tries all that an editor can do with it; returns the scope, or the reason of the denial. */
    private static String tryHocuspocus(Connection connection, String key, String token) throws IOException {
        String address = HexFormat.of().formatHex(addressed(key, new byte[0]));
        for (byte[] message : List.of(awareness(77, "stranger"), update(77, "defaced"), SYNC_STEP_1)) {
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

    /** Reads what is on the way: the answers about the user's own document come last. */
    private static void readAll(Connection hocuspocus, String token) throws IOException {
        assertThat(tryHocuspocus(hocuspocus, "mine\0last", token)).isEqualTo("read-write");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "secret\0",
                "secret\0mine",
                "secret\0\0mine",
                "\0secret",
                "\0mine",
                "Secret",
                "SECRET",
                "secret ",
                " secret",
                "secret\n",
                "secret.",
                "mine/secret",
                "mine/../secret",
                "../secret",
                "mine secret",
                "mine;secret",
                "%73ecret",
                "s\u0435cret",
                "\u017fecret",
                "\uff53ecret",
                "secret\u200b",
                "\ufeffsecret",
                "*",
                "{user}",
                "nobodys",
                "lobby",
                "mine\u0001\0secret"
            })
    void hocuspocusNamesAreExact(String key) throws IOException {
        for (String field : List.of("", bearer(ANNS_TOKEN))) {
            try (Connection ann = Connection.upgrade("/hocuspocus", field)) {
                String token = field.isEmpty() ? ANNS_TOKEN : "";
                assertThat(tryHocuspocus(ann, key, token)).doesNotContain("read-write", "readonly");
                readAll(ann, token);
                assertNoLeak(ann.received);
                assertUnchanged();
            }
        }
    }

    @Test
    void emptyHocuspocusNameClosesTheConnection() throws IOException {
        for (byte[] frame : List.of(
                authentication("", ANNS_TOKEN), authentication("", KEEPERS_TOKEN), addressed("", SYNC_STEP_1))) {
            try (Connection ann = Connection.upgrade("/hocuspocus", bearer(ANNS_TOKEN))) {
                ann.send(frame);
                assertThat(ann.readUntil(next -> false).code()).isEqualTo(4401);
                assertNoLeak(ann.received);
            }
        }
    }

    /** What follows a zero byte names a session, and no document. */
    @Test
    void sessionOfAHocuspocusNameIsNoName() throws IOException {
        try (Connection ann = Connection.upgrade("/hocuspocus")) {
            for (String key : List.of("mine\0secret", "mine\0\0secret", "mine\0../secret", "mine")) {
                assertThat(tryHocuspocus(ann, key, ANNS_TOKEN)).isEqualTo("read-write");
            }
            assertNoLeak(ann.received);
            assertUnchanged();
        }
    }

    @Test
    void tokenOfOneDocumentOpensNoOtherOnTheSameSocket() throws IOException {
        String claim = SecretTokens.token("ben", 600, json(",'tutti':[{'documents':['mine'],'may':['read','write']}]"));
        String forbidden = "this user may not open this document";
        try (Connection ben = Connection.upgrade("/hocuspocus")) {
            ben.send(addressed("secret", update(77, "defaced")));
            assertThat(tryHocuspocus(ben, "mine", claim)).isEqualTo("read-write");
            assertThat(tryHocuspocus(ben, "secret", claim)).isEqualTo(forbidden);
            assertThat(tryHocuspocus(ben, "secret\0mine", claim)).isEqualTo(forbidden);
            assertThat(tryHocuspocus(ben, "secret", "")).doesNotContain("read-write");
            assertThat(tryHocuspocus(ben, "secret", ANNS_TOKEN)).isEqualTo(forbidden);
            assertThat(tryHocuspocus(ben, "mine\0again", "")).doesNotContain("read-write");
            readAll(ben, claim);
            assertNoLeak(ben.received);
            assertUnchanged();
        }
    }

    /** The keeper's token opened one document; the connection has no user, and its other documents have not that one. */
    @Test
    void tokenOfADocumentIsNotTheConnections() throws IOException {
        try (Connection ann = Connection.upgrade("/hocuspocus", bearer(ANNS_TOKEN));
                Connection nobody = Connection.upgrade("/hocuspocus")) {
            for (Connection each : List.of(ann, nobody)) {
                assertThat(tryHocuspocus(each, "mine", KEEPERS_TOKEN)).isEqualTo("read-write");
                for (String key : List.of("secret", "secret\0mine")) {
                    assertThat(tryHocuspocus(each, key, "")).doesNotContain("read-write");
                }
                readAll(each, ANNS_TOKEN);
                assertNoLeak(each.received);
                assertUnchanged();
            }
        }
    }

    static Stream<byte[]> foreignFrames() {
        return Stream.of(
                addressed("secret", SYNC_STEP_1),
                addressed("secret", update(77, "defaced")),
                addressed("mine\0secret", SYNC_STEP_1),
                addressed("", SYNC_STEP_1),
                authentication("secret", KEEPERS_TOKEN),
                authentication("", KEEPERS_TOKEN),
                hex("0200"),
                hex("0100"),
                hex("07"));
    }

    /** Frames of Hocuspocus, and others that name a document, mean nothing to y-websocket's protocol. */
    @ParameterizedTest
    @MethodSource("foreignFrames")
    void yWebsocketKnowsTheDocumentOfItsPathOnly(byte[] frame) throws IOException {
        try (Connection ann = Connection.upgrade("/yjs/mine", bearer(ANNS_TOKEN))) {
            ann.send(frame);
            assertThat(tryDocument(ann).opcode()).isIn(Peer.CLOSE, Peer.BINARY);
            assertNoLeak(ann.received);
            assertUnchanged();
        }
    }

    @Test
    void roomsThatWereNotJoinedAreClosedToRequests() throws IOException {
        try (Connection ann = tutti(ANNS_TOKEN)) {
            ann.ask("join", ",'room':'lobby'");
            for (String room : List.of("secret", "sec\\u0072et", "nobodys")) {
                String named = ",'room':'" + room + "'";
                assertThat(ann.ask("join", named)).contains("\"forbidden\"");
                assertThat(ann.ask("join", named + ",'state':1")).contains("\"forbidden\"");
                assertThat(ann.ask("join", named + ",'since':{'epoch':'a','offset':0}"))
                        .contains("\"forbidden\"");
                for (String request : List.of(
                        "publish|,'data':'defaced'",
                        "publish|,'data':'defaced','key':'k'",
                        "history|",
                        "history|,'since':{'epoch':'a','offset':0}",
                        "history|,'before':{'epoch':'a','offset':9},'limit':100",
                        "members|",
                        "state|,'state':'defaced'",
                        "leave|")) {
                    String[] parts = request.split("\\|", -1);
                    assertThat(ann.ask(parts[0], named + parts[1])).as(request).contains("\"not_joined\"");
                }
            }
            assertNoLeak(ann.received);
            assertUnchanged();
        }
    }

    @Test
    void roomNamesInRequestsAreExact() throws IOException {
        try (Connection ann = tutti(ANNS_TOKEN)) {
            ann.ask("join", ",'room':'lobby'");
            for (String room : List.of(
                    "'Secret'",
                    "'secret '",
                    "'secret\\u0000'",
                    "'lobby\\u0000secret'",
                    "'lobby/../secret'",
                    "'%73ecret'",
                    "''",
                    "'*'",
                    "'s\u0435cret'",
                    "'\u017fecret'",
                    "['secret']",
                    "{'name':'secret'}",
                    "null",
                    "'lobby','room':'secret'",
                    "'lobby','ROOM':'secret','channel':'secret'")) {
                for (String type : List.of("join", "history", "members", "publish", "state")) {
                    String answer = ann.ask(
                            type, ",'room':" + room + ",'data':'defaced','state':'x','other':{'room':'secret'}");
                    if (room.startsWith("'lobby',")) {
                        assertThat(answer).doesNotContain("\"room\":\"secret\",\"position\"");
                    } else {
                        assertThat(answer).contains("\"error\"");
                    }
                    ann.ask("ping", ""); // faults in a row would close the connection
                }
            }
            assertNoLeak(ann.received);
            assertUnchanged();
        }
    }

    @Test
    void roomThatWasLeftIsClosed() throws IOException {
        try (Connection ann = tutti(ANNS_TOKEN)) {
            ann.ask("join", ",'room':'lobby'");
            ann.ask("leave", ",'room':'lobby'");
            publishAndExpectClosed(ann, "lobby");
            ann.peer.sendText(Stream.of("join", "leave", "history", "members", "publish")
                    .map(type -> json("{'type':'" + type + "','id':'" + type + "','room':'lobby','data':'defaced'}"))
                    .reduce((a, b) -> a + "\n" + b)
                    .orElseThrow());
            int start = ann.received.length();
            ann.ask("ping", "");
            assertThat(ann.received.substring(start)).contains("\"not_joined\"").doesNotContain("\"messages\":[{");
            assertUnchanged();
        }
    }

    /** A new token of the same user, with fewer rights, removes its client from a room. */
    @Test
    void roomFromWhichAClientWasRemovedIsClosed() throws IOException {
        String member =
                SecretTokens.token("dora", 600, json(",'tutti':[{'rooms':['den'],'may':['read','write','presence']}]"));
        try (Connection dora = tutti(member)) {
            assertThat(dora.ask("join", ",'room':'den'")).contains("\"joined\"");
            dora.ask("authenticate", ",'token':'" + SecretTokens.token("dora", 600) + "'");
            if (dora.received.indexOf("\"removed\"") < 0) {
                dora.readUntil(frame -> frame.text().contains("\"removed\""));
            }
            publishAndExpectClosed(dora, "den");
            assertThat(dora.ask("join", ",'room':'den'")).contains("\"forbidden\"");
            assertUnchanged();
        }
    }

    private static void publishAndExpectClosed(Connection former, String room) throws IOException {
        String later = "said-later";
        Tutti.current().publish(room, later).toCompletableFuture().join();
        String named = ",'room':'" + room + "'";
        for (String request : List.of("history", "members", "leave")) {
            assertThat(former.ask(request, named)).contains("\"not_joined\"");
        }
        assertThat(former.ask("history", named + ",'since':{'epoch':'a','offset':1}"))
                .contains("\"not_joined\"");
        assertThat(former.ask("publish", named + ",'data':'defaced'")).contains("\"not_joined\"");
        assertThat(former.ask("state", named + ",'state':1")).contains("\"not_joined\"");
        assertThat(former.received).doesNotContain(later);
    }

    @Test
    void presenceInARoomIsHiddenWithoutItsRight() throws IOException {
        try (Connection keeper = tutti(KEEPERS_TOKEN);
                Connection carl = tutti(CARLS_TOKEN)) {
            keeper.ask("join", ",'room':'lobby','state':'" + TEXT + "'");
            assertThat(carl.ask("join", ",'room':'lobby','state':1")).contains("\"forbidden\"");
            assertThat(carl.ask("join", ",'room':'lobby'")).contains("\"count\":0,\"members\":[]");
            assertThat(carl.ask("members", ",'room':'lobby'")).contains("\"forbidden\"");
            assertThat(carl.ask("state", ",'room':'lobby','state':1")).contains("\"forbidden\"");
            keeper.ask("state", ",'room':'lobby','state':'" + KEEPER + "'");
            assertThat(keeper.ask("members", ",'room':'lobby'"))
                    .contains("\"count\":1")
                    .doesNotContain("carl");
            keeper.ask("leave", ",'room':'lobby'");
            Tutti.current().publish("lobby", "end").toCompletableFuture().join();
            carl.readUntil(frame -> frame.text().contains("\"end\""));
            assertThat(carl.received).doesNotContain("\"entered\"", "\"presence\"", "\"left\"");
            assertNoLeak(carl.received);
        }
    }

    @Test
    void presenceInADocumentIsHiddenWithoutItsRight() throws IOException {
        try (Connection keeper = Connection.upgrade("/yjs/mine", bearer(KEEPERS_TOKEN));
                Connection carl = Connection.upgrade("/yjs/mine", bearer(CARLS_TOKEN));
                Connection carlToo = Connection.upgrade("/hocuspocus")) {
            keeper.send(awareness(1_000_002, KEEPER));
            keeper.send(CONFIRM);
            keeper.readMessage("66");
            assertThat(tryDocument(carl).opcode()).isEqualTo(Peer.BINARY);
            assertThat(tryHocuspocus(carlToo, "mine", CARLS_TOKEN)).isEqualTo("read-write");
            readAll(carlToo, CARLS_TOKEN);
            keeper.send(AWARENESS_QUERY);
            keeper.send(CONFIRM);
            keeper.readMessage("66");
            assertThat(keeper.received).contains(KEEPER).doesNotContain("stranger");
            assertNoLeak(carl.received);
            assertNoLeak(carlToo.received);
        }
    }

    @Test
    void listsAndStoredPartsAreThoseOfTheUser() throws IOException {
        try (Connection ann = Connection.upgrade("/yjs/mine", bearer(ANNS_TOKEN))) {
            tryDocument(ann);
            ann.send(CONFIRM);
            ann.readMessage("66");
            for (String query : List.of(
                    "",
                    "?",
                    "?prefix=",
                    "?prefix=secret",
                    "?prefix=s",
                    "?after=mine",
                    "?limit=1",
                    "?limit=1&after=mine",
                    "?prefix=mine&prefix=secret",
                    "?after=secre",
                    "?prefix=%73",
                    "?document=secret",
                    "?prefix=*")) {
                String list = http("GET /api/documents" + query, bearer(ANNS_TOKEN));
                assertThat(list)
                        .startsWith("HTTP/1.1 200")
                        .contains("\"more\":false")
                        .doesNotContain("secret");
                assertNoLeak(list);
            }
            for (String who : List.of(CARLS_TOKEN, SecretTokens.token("eve", 600))) {
                for (String query : List.of("", "?prefix=secret", "?prefix=mine", "?limit=0")) {
                    assertThat(status(http("GET /api/documents" + query, bearer(who))))
                            .isIn(400, 403);
                }
            }
        }
    }

    /** A refusal does not say whether there is such a document. */
    @Test
    void refusalsDoNotTellWhatExists() throws IOException {
        for (String request : List.of(
                "GET /api/documents/{}/stored",
                "DELETE /api/documents/{}",
                "GET /api/me?document={}",
                "GET /api/me?room={}")) {
            String secret = http(request.replace("{}", "secret"), bearer(ANNS_TOKEN));
            String absent = http(request.replace("{}", NOBODYS_DOCUMENT), bearer(ANNS_TOKEN));
            assertThat(secret.replaceAll("(?i)\r\ndate:[^\r]*", ""))
                    .isEqualTo(absent.replaceAll("(?i)\r\ndate:[^\r]*", ""));
        }
    }

    @Test
    void identityEndsWithItsRequest() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            String get = "GET /api/documents/secret/stored HTTP/1.1\r\nHost: 127.0.0.1\r\n";
            peer.send(get + bearer(KEEPERS_TOKEN) + "\r\n" + get + bearer(ANNS_TOKEN) + "\r\n" + get + "\r\n");
            assertThat(List.of(peer.response(), peer.response(), peer.response()))
                    .containsExactly(200, 403, 401);
        }
    }

    /** Places for two tokens, of which a proxy or a filter may see the other one. */
    static Stream<String> twoTokens() {
        String offer = "Sec-WebSocket-Protocol: ";
        String ann = "bearer." + ANNS_TOKEN;
        String keeper = "bearer." + KEEPERS_TOKEN;
        return Stream.of(
                bearer(ANNS_TOKEN) + bearer(KEEPERS_TOKEN),
                bearer(KEEPERS_TOKEN) + bearer(ANNS_TOKEN),
                bearer(ANNS_TOKEN) + offer + "yjs, " + keeper + "\r\n",
                bearer(KEEPERS_TOKEN) + offer + "yjs, " + ann + "\r\n",
                bearer(KEEPERS_TOKEN) + offer + "yjs, " + keeper + "\r\n",
                offer + "yjs, " + ann + ", " + keeper + "\r\n",
                offer + ann + "," + keeper + ",yjs\r\n",
                offer + "yjs, " + ann + "\r\n" + offer + keeper + "\r\n",
                offer + "yjs, " + keeper + "\r\n" + offer + ann + "\r\n",
                offer + "yjs, " + keeper + "\r\n" + offer + keeper + "\r\n");
    }

    @ParameterizedTest
    @MethodSource("twoTokens")
    void tokensInTwoPlacesAreRefused(String fields) throws IOException {
        for (String target : List.of("/yjs/secret", "/ws/secret", "/connect", "/hocuspocus")) {
            try (Connection both = Connection.upgrade(target, fields)) {
                assertThat(both.status()).as(target).isIn(400, 401);
                assertNoLeak(both.received);
            }
        }
        for (String request : List.of(
                "GET /api/documents/secret/stored",
                "GET /api/documents",
                "GET /api/me",
                "DELETE /api/documents/secret")) {
            String response = http(request, fields);
            assertThat(status(response)).as(request).isIn(400, 401);
            assertNoLeak(response);
        }
    }

    @Test
    void subprotocolOnAPlainPathGrantsNoMoreThanItsToken() throws IOException {
        for (String target : List.of("/ws/secret", "/ws", "/ws/lobby")) {
            try (Connection ann = Connection.upgrade(target, "Sec-WebSocket-Protocol: bearer." + ANNS_TOKEN + "\r\n")) {
                assertThat(ann.received).doesNotContain(ANNS_TOKEN);
                if (ann.isOpen()) {
                    Peer.Frame last = tryRoom(ann);
                    if (!target.equals("/ws/lobby")) {
                        assertRefused(ann, last);
                    }
                }
                assertNoLeak(ann.received);
                assertUnchanged();
            }
        }
    }

    /** Claims of rights that are malformed: the whole token is refused, also for what the rules grant. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "1",
                "'*'",
                "{}",
                "{'documents':['*'],'may':['read']}",
                "['*']",
                "[null]",
                "[[]]",
                "[[{'documents':['*'],'rooms':['*'],'may':['read']}]]",
                "[{'documents':['*'],'rooms':['*'],'may':['READ']}]",
                "[{'documents':['*'],'rooms':['*'],'may':['Read']}]",
                "[{'documents':['*'],'rooms':['*'],'may':['read ']}]",
                "[{'documents':['*'],'rooms':['*'],'may':['*']}]",
                "[{'documents':['*'],'rooms':['*'],'may':[['read']]}]",
                "[{'documents':['*'],'rooms':['*'],'may':'read'}]",
                "[{'documents':['*'],'rooms':['*'],'may':{'read':true}}]",
                "[{'documents':['*'],'rooms':['*'],'may':[]}]",
                "[{'documents':['*'],'rooms':['*'],'may':null}]",
                "[{'documents':['*'],'rooms':['*']}]",
                "[{'documents':[['*']],'rooms':[['*']],'may':['read']}]",
                "[{'documents':'*','rooms':'*','may':['read']}]",
                "[{'documents':{'0':'*'},'may':['read']}]",
                "[{'documents':[null],'may':['read']}]",
                "[{'may':['read']}]",
                "[{'documents':['*'],'rooms':['*'],'may':['read'],'user':'ann'}]",
                "[{'documents':['*'],'may':['read'],'role':'x'}]",
                "[{'documents':['*'],'may':['read'],'Documents':['mine']}]",
                "[{'DOCUMENTS':['*'],'may':['read']}]",
                "[{'documents':['*'],'may':['read'],'may':['manage']}]",
                "[{'documents':['*'],'may':['read'],'except':['secret']}]",
                "[{'documents':['*'],'may':['read','admin']}]",
                "[{'documents':['mine'],'may':['read']},{'may':['read']}]",
                "[],'tutti':[{'documents':['*'],'rooms':['*'],'may':['read']}]"
            })
    void malformedClaimRefusesItsToken(String claim) throws IOException {
        String token = SecretTokens.token("ann", 600, json(",'tutti':" + claim));
        assertAllRefused(token, 401);
        try (Connection ann = tutti("")) {
            assertThat(ann.ask("authenticate", ",'token':'" + token + "'")).contains("\"unauthenticated\"");
            assertThat(ann.ask("join", ",'room':'secret'")).contains("\"unauthenticated\"");
            assertNoLeak(ann.received);
        }
        try (Connection ann = Connection.upgrade("/hocuspocus")) {
            for (String key : List.of("secret", "mine")) {
                assertThat(tryHocuspocus(ann, key, token)).doesNotContain("read-write", "readonly");
            }
            assertNoLeak(ann.received);
            assertUnchanged();
        }
    }

    /** Users who are not the keeper, and claims that grant other names or are none. */
    static Stream<String> strangers() {
        String all = "[{'documents':['*'],'rooms':['*'],'may':['read','write','presence','manage']}]";
        return Stream.of(
                SecretTokens.token(KEEPER.toUpperCase(Locale.ROOT), 600),
                SecretTokens.token(KEEPER + " ", 600),
                SecretTokens.token(" " + KEEPER, 600),
                SecretTokens.token(KEEPER + "\\u0000", 600),
                SecretTokens.token(KEEPER + "\\n", 600),
                SecretTokens.token("k\u0435eper-of-the-secret", 600),
                SecretTokens.token("*", 600),
                SecretTokens.token("{user}", 600),
                SecretTokens.token("eve", 600, json(",'groups':['" + KEEPER + "','admin','*']")),
                SecretTokens.token(
                        "eve", 600, json(",'upn':'eve','preferred_username':'" + KEEPER + "','user':'" + KEEPER + "'")),
                SecretTokens.token(KEEPER, 600, json(",'upn':'eve'")),
                SecretTokens.token("eve", 600, json(",'Tutti':" + all + ",'TUTTI':" + all + ",'tutti ':" + all)),
                SecretTokens.token("eve", 600, json(",'https://tutti.dev/tutti':" + all + ",'rights':" + all)),
                SecretTokens.token("eve", 600, json(",'tutti':[]")),
                SecretTokens.token(
                        "eve",
                        600,
                        json(
                                ",'tutti':[{'documents':['Secret','secret ','secre?','[s]ecret','.*','%'],'may':['read','write']}]")),
                SecretTokens.token(
                        "eve", 600, json(",'tutti':[{'rooms':['SECRET','secret/*','^secret$',''],'may':['read']}]")),
                SecretTokens.token(
                        "eve",
                        600,
                        json(",'tutti':[{'documents':['{USER}','{user','user'],'rooms':['mine'],'may':['read']}]")));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void othersThanTheKeeperAreNotTheKeeper(String token) throws IOException {
        assertAllRefused(token, 403);
    }

    private static void assertAllRefused(String token, int status) throws IOException {
        for (String path : List.of("/yjs/secret", "/ws/secret")) {
            try (Connection stranger = Connection.upgrade(path, bearer(token))) {
                if (status == 403) {
                    assertRefused(stranger, path.startsWith("/ws") ? tryRoom(stranger) : tryDocument(stranger));
                } else {
                    assertThat(stranger.status()).isEqualTo(status);
                }
                assertNoLeak(stranger.received);
                assertUnchanged();
            }
        }
        for (String request : List.of(
                "GET /api/documents/secret/stored", "DELETE /api/documents/secret", "POST /api/users/ann/disconnect")) {
            String response = http(request, bearer(token));
            assertThat(status(response)).as(request).isEqualTo(status);
            assertNoLeak(response);
        }
        assertThat(Set.of(status, 200)).contains(status(http("GET /api/documents", bearer(token))));
        assertNoLeak(http("GET /api/documents", bearer(token)));
    }
}
