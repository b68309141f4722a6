package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.security.Action;
import dev.tutti.standalone.Editor;
import dev.tutti.standalone.Peer;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Attempts of one user, who may do everything but one action, which the name of a room or document tells. A keeper looks on: a refusal leaves no
 * trace. Confined to one thread.
 */
final class AccessCases {
    /** Everybody may do everything with {@code all-*}, and everything but reading with {@code no-read-*}, and so on; the keeper may do all. */
    static final String RULES =
            ("[{'rooms':['all-*'],'documents':['all-*'],'may':['read','write','presence','manage']},"
                            + "{'rooms':['no-read-*'],'documents':['no-read-*'],'may':['write','presence','manage']},"
                            + "{'rooms':['no-write-*'],'documents':['no-write-*'],'may':['read','presence','manage']},"
                            + "{'rooms':['no-presence-*'],'documents':['no-presence-*'],'may':['read','write','manage']},"
                            + "{'rooms':['no-manage-*'],'documents':['no-manage-*'],'may':['read','write','presence']},"
                            + "{'user':'keeper','rooms':['*'],'documents':['*'],'may':['read','write','presence','manage']}]")
                    .replace('\'', '"');

    /** What a server does with an attempt. */
    enum Outcome {
        ALLOWED,
        REFUSED
    }

    /** Passes if the action is done when it is allowed, and refused without a trace when it is not. */
    @FunctionalInterface
    interface Attempt {
        void run(String name, boolean allowed) throws Exception;
    }

    /** An action by a protocol. */
    record Case(String protocol, Action action, Attempt attempt) {
        @Override
        public String toString() {
            return protocol + " " + action;
        }
    }

    /** An update that inserts a letter. */
    private static final byte[] UPDATE = hex("0002" + "0b" + "0101010004010174016100");

    private static final byte[] SYNC_STEP_1 = hex("00000100");
    private static final byte[] AWARENESS_QUERY = hex("03");
    private static final byte[] CONFIRM = hex("6601aa");

    /** The awareness of the clients 77 and 78, with different states. */
    private static final byte[] USERS_AWARENESS = hex("0106014d01027b7d");

    private static final byte[] KEEPERS_AWARENESS = hex("0107014e01037b207d");

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static int names;

    private final ServerUnderTest server;
    private final WayIn keeper;
    private final WayIn user;

    AccessCases(ServerUnderTest server, WayIn keeper, WayIn user) {
        this.server = server;
        this.keeper = keeper;
        this.user = user;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    /** Returns the cases of all protocols that have a place for the user's credentials. */
    List<Case> all() {
        return List.of(
                        new Case("plain", Action.READ, this::plainRead),
                        new Case("plain", Action.WRITE, this::plainWrite),
                        new Case("plain", Action.PRESENCE, this::plainPresence),
                        new Case("tutti.v1", Action.READ, this::tuttiRead),
                        new Case("tutti.v1", Action.WRITE, this::tuttiWrite),
                        new Case("tutti.v1", Action.PRESENCE, this::tuttiPresence),
                        new Case("y-websocket", Action.READ, this::ywebsocketRead),
                        new Case("y-websocket", Action.WRITE, (name, allowed) -> documentWrite(name, false, allowed)),
                        new Case(
                                "y-websocket",
                                Action.PRESENCE,
                                (name, allowed) -> documentPresence(name, false, allowed)),
                        new Case("Hocuspocus", Action.READ, this::hocuspocusRead),
                        new Case("Hocuspocus", Action.WRITE, (name, allowed) -> documentWrite(name, true, allowed)),
                        new Case(
                                "Hocuspocus",
                                Action.PRESENCE,
                                (name, allowed) -> documentPresence(name, true, allowed)),
                        new Case("HTTP stored", Action.READ, this::httpStored),
                        new Case("HTTP list", Action.MANAGE, this::httpList),
                        new Case("HTTP delete", Action.MANAGE, this::httpDelete))
                .stream()
                .filter(one -> user.suits(one.protocol()))
                .toList();
    }

    /** Returns a new name for which the rules have this outcome. */
    String nameFor(Case one, Outcome outcome) {
        String prefix = outcome == Outcome.ALLOWED
                ? "all-"
                : "no-" + one.action().name().toLowerCase(Locale.ROOT) + "-";
        return prefix + ++names;
    }

    private Peer open(WayIn who, String path, String subprotocol) throws IOException {
        Peer peer = Peer.connect(server.port());
        String offered =
                who.subprotocolToken().isEmpty() ? subprotocol : subprotocol + ", bearer." + who.subprotocolToken();
        peer.send(Peer.handshake(
                server.contextPath() + path + who.query(),
                who.headers(),
                offered.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + offered + "\r\n"));
        assertThat(peer.head()).startsWith("HTTP/1.1 101");
        return peer;
    }

    private static void assertForbidden(Peer peer) throws IOException {
        assertThat(peer.closeFrame().code()).isEqualTo(4403);
    }

    private static void assertEcho(Peer peer, String text) throws IOException {
        peer.sendText('"' + text + '"');
        assertThat(next(peer).text()).isEqualTo('"' + text + '"');
    }

    /** Reads the next frame that is no ping. */
    private static Peer.Frame next(Peer peer) throws IOException {
        Peer.Frame frame = peer.frame();
        while (frame.opcode() == Peer.PING) {
            frame = peer.frame();
        }
        return frame;
    }

    private void plainRead(String name, boolean allowed) throws Exception {
        try (Peer peer = open(user, "/ws/" + name, "");
                Peer looksOn = tutti(keeper)) {
            if (allowed) {
                assertEcho(peer, "a");
            } else {
                assertForbidden(peer);
                assertThat(ask(looksOn, "join", name, "")).contains("\"count\":1");
            }
        }
    }

    private void plainWrite(String name, boolean allowed) throws Exception {
        try (Peer looksOn = open(keeper, "/ws/" + name, "");
                Peer peer = open(user, "/ws/" + name, "")) {
            assertEcho(looksOn, "first");
            peer.sendText("\"a\"");
            if (allowed) {
                assertThat(next(looksOn).text()).isEqualTo("\"a\"");
            } else {
                assertForbidden(peer);
                assertEcho(looksOn, "last");
            }
        }
    }

    private void plainPresence(String name, boolean allowed) throws Exception {
        try (Peer looksOn = tutti(keeper);
                Peer peer = open(user, "/ws/" + name, "")) {
            assertEcho(peer, "a");
            assertThat(ask(looksOn, "join", name, "")).contains("\"count\":" + (allowed ? 2 : 1));
        }
    }

    private Peer tutti(WayIn who) throws IOException {
        Peer peer = open(who, "/connect", "tutti.v1");
        assertThat(next(peer).text()).contains("\"welcome\"");
        if (!who.messageToken().isEmpty()) {
            peer.sendText("{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + who.messageToken() + "\"}");
            assertThat(next(peer).text()).contains("\"ok\"");
        }
        return peer;
    }

    /** Sends a request with the id 1, in which apostrophes stand for quotes, and returns its answer. */
    private static String ask(Peer peer, String type, String room, String rest) throws IOException {
        peer.sendText(("{'type':'" + type + "','id':1,'room':'" + room + "'" + rest + "}").replace('\'', '"'));
        return until(peer, text -> text.contains("\"id\":1")).get(0);
    }

    /** Reads up to the first frame that matches, and returns all frames read, the last first. */
    private static List<String> until(Peer peer, Predicate<String> isLast) throws IOException {
        List<String> read = new ArrayList<>();
        do {
            read.add(0, next(peer).text());
        } while (!isLast.test(read.get(0)));
        return read;
    }

    private static void assertAnswer(String answer, boolean allowed) {
        if (allowed) {
            assertThat(answer).doesNotContain("error");
        } else {
            assertThat(answer).contains("\"code\":\"forbidden\"");
        }
    }

    private void tuttiRead(String name, boolean allowed) throws Exception {
        try (Peer peer = tutti(user);
                Peer looksOn = tutti(keeper)) {
            assertAnswer(ask(peer, "join", name, ""), allowed);
            assertThat(ask(looksOn, "join", name, "")).contains("\"count\":" + (allowed ? 2 : 1));
            if (!allowed) {
                assertThat(ask(peer, "history", name, "")).contains("not_joined");
                assertThat(ask(peer, "publish", name, ",'data':1")).contains("not_joined");
            }
        }
    }

    private void tuttiWrite(String name, boolean allowed) throws Exception {
        try (Peer looksOn = tutti(keeper);
                Peer peer = tutti(user)) {
            ask(looksOn, "join", name, "");
            assertAnswer(ask(peer, "join", name, ""), true);
            assertAnswer(ask(peer, "publish", name, ",'data':'secret'"), allowed);
            assertThat(ask(looksOn, "history", name, "").contains("secret")).isEqualTo(allowed);
        }
    }

    private void tuttiPresence(String name, boolean allowed) throws Exception {
        try (Peer looksOn = tutti(keeper);
                Peer peer = tutti(user)) {
            ask(looksOn, "join", name, ",'state':'I keep'");
            assertAnswer(ask(peer, "join", name, ",'state':7"), allowed);
            if (!allowed) {
                assertThat(ask(peer, "join", name, "")).doesNotContain("I keep");
            }
            assertAnswer(ask(peer, "members", name, ""), allowed);
            assertThat(ask(looksOn, "members", name, "").contains("\"count\":2"))
                    .isEqualTo(allowed);
        }
    }

    private Editor edit(WayIn who, String name, boolean hocuspocus) throws IOException {
        if (!hocuspocus) {
            return new Editor(open(who, "/yjs/" + name, "yjs"), new byte[0]);
        }
        Lib0Writer address = new Lib0Writer();
        address.writeVarString(name);
        Editor editor = new Editor(open(who, "/hocuspocus", ""), address.toByteArray());
        authenticate(editor, who);
        return editor;
    }

    private static void authenticate(Editor editor, WayIn who) throws IOException {
        Lib0Writer message = new Lib0Writer();
        message.write(hex("0200"));
        message.writeVarString(who.messageToken());
        editor.send(message.toByteArray());
    }

    private void ywebsocketRead(String name, boolean allowed) throws Exception {
        try (Editor editor = edit(user, name, false)) {
            if (allowed) {
                editor.send(SYNC_STEP_1);
                editor.readUntil("0001");
            } else {
                editor.readUntil("0200");
                assertForbidden(editor.peer());
            }
        }
    }

    private void hocuspocusRead(String name, boolean allowed) throws Exception {
        try (Editor editor = edit(user, name, true)) {
            if (allowed) {
                editor.send(SYNC_STEP_1);
                editor.readUntil("0001");
            } else {
                editor.readUntil("0201");
                editor.send(SYNC_STEP_1);
                authenticate(editor, user);
                assertThat(editor.readUntil("0201")).doesNotContain("0001");
            }
        }
    }

    /** A document without content answers with an update of two zeros. */
    private static boolean isEmpty(Editor editor) throws IOException {
        editor.send(SYNC_STEP_1);
        return editor.readUntil("0001").contains("000102");
    }

    private void documentWrite(String name, boolean hocuspocus, boolean allowed) throws Exception {
        try (Editor looksOn = edit(keeper, name, false);
                Editor editor = edit(user, name, hocuspocus)) {
            if (hocuspocus) {
                String scope = HexFormat.of().formatHex((allowed ? "read-write" : "readonly").getBytes(UTF_8));
                assertThat(editor.readUntil("0202")).contains(scope);
            }
            editor.send(UPDATE);
            assertThat(isEmpty(editor)).isEqualTo(!allowed);
            assertThat(isEmpty(looksOn)).isEqualTo(!allowed);
        }
    }

    private void documentPresence(String name, boolean hocuspocus, boolean allowed) throws Exception {
        try (Editor looksOn = edit(keeper, name, false);
                Editor editor = edit(user, name, hocuspocus)) {
            looksOn.send(KEEPERS_AWARENESS);
            looksOn.send(CONFIRM);
            looksOn.readUntil("66");
            editor.send(USERS_AWARENESS);
            editor.send(AWARENESS_QUERY);
            editor.send(CONFIRM);
            assertThat(editor.readUntil("66").contains("037b207d")).isEqualTo(allowed);
            looksOn.send(AWARENESS_QUERY);
            looksOn.send(CONFIRM);
            assertThat(looksOn.readUntil("66").contains("027b7d")).isEqualTo(allowed);
        }
    }

    private HttpResponse<String> http(WayIn who, String method, String path) throws Exception {
        String query = path.contains("?") ? who.query().replace('?', '&') : who.query();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.http(path + query)).method(method, BodyPublishers.noBody());
        who.headers().lines().forEach(line -> {
            int colon = line.indexOf(':');
            request.header(line.substring(0, colon), line.substring(colon + 2));
        });
        return ServerUnderTest.Http.CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private void createDocument(String name) throws Exception {
        try (Editor editor = edit(keeper, name, false)) {
            editor.send(UPDATE);
            editor.send(CONFIRM);
            editor.readUntil("66");
            editor.peer().send(Peer.frame(0x80 | Peer.CLOSE, (byte) 3, (byte) 0xE8));
            editor.peer().closeFrame();
        }
    }

    private boolean isListed(WayIn who, String name) throws Exception {
        HttpResponse<String> list = http(who, "GET", "/api/documents?prefix=" + name);
        assertThat(list.statusCode()).isEqualTo(200);
        return list.body().contains('"' + name + '"');
    }

    private void httpStored(String name, boolean allowed) throws Exception {
        assertThat(http(user, "GET", "/api/documents/" + name + "/stored").statusCode())
                .isEqualTo(allowed ? 200 : 403);
    }

    private void httpList(String name, boolean allowed) throws Exception {
        createDocument(name);
        await().atMost(TIMEOUT).until(() -> isListed(keeper, name));
        assertThat(isListed(user, name)).isEqualTo(allowed);
    }

    private void httpDelete(String name, boolean allowed) throws Exception {
        createDocument(name);
        if (allowed) {
            await().atMost(TIMEOUT) // 409 until it is unloaded
                    .until(() -> http(user, "DELETE", "/api/documents/" + name).statusCode() == 204);
        } else {
            assertThat(http(user, "DELETE", "/api/documents/" + name).statusCode())
                    .isEqualTo(403);
        }
        assertThat(isListed(keeper, name)).isEqualTo(!allowed);
    }
}
