package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tutti.Tutti;
import dev.tutti.document.Documents;
import dev.tutti.policy.PolicyOptions;
import dev.tutti.policy.PolicyPermissions;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Rules;
import dev.tutti.security.Way;
import dev.tutti.settings.Settings;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each action, by each protocol, with the right and without it. A keeper, who has all rights, looks on: a refusal leaves no trace in a room, in a
 * document, in presence, in a list or in the history.
 */
class PermissionMatrixIT {
    private static final String NAME = "garden";
    private static final String KEEPER_SECRET = "the-secret-of-the-keeper";
    private static final String KEEPER =
            Identity.visitor(Way.LOCAL).withGuestSecret(KEEPER_SECRET).user();

    /** An update that inserts a letter. */
    private static final byte[] UPDATE = hex("0101010004010174016100");

    private static final byte[] SYNC_STEP_1 = hex("00000100");
    private static final byte[] AWARENESS_QUERY = hex("03");
    private static final byte[] CONFIRM = hex("6601aa");

    /** An awareness update of the client 77. */
    private static final byte[] AWARENESS = hex("0106014d01027b7d");

    /** An action by a protocol: passes if it is done when the right is there, and refused without a trace when it is not. */
    @FunctionalInterface
    private interface Attempt {
        void run(boolean allowed) throws Exception;
    }

    private record Case(String protocol, Action action, Attempt attempt) {}

    private TestServer server;

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @TestFactory
    Stream<DynamicTest> everyActionByEveryProtocol() {
        return matrix(
                Map.of(),
                denied -> (identity, action, resource) -> identity.user().equals(KEEPER) || action != denied);
    }

    /** The same by an application that answers later, on a thread of its own. */
    @TestFactory
    Stream<DynamicTest> everyActionByEveryProtocolAndAPolicy() {
        return matrix(Map.of("access", "open"), denied -> {
            PolicyPermissions permissions = new PolicyPermissions(
                    Rules.byDefault(),
                    Rules.of(List.of()),
                    Settings.read(PolicyOptions.class, name -> null),
                    System::nanoTime);
            permissions.use(question -> CompletableFuture.supplyAsync(
                    () -> {
                        Set<Action> granted = EnumSet.allOf(Action.class);
                        granted.removeIf(
                                action -> action == denied && !question.user().equals(KEEPER));
                        return granted;
                    },
                    CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS)));
            return permissions;
        });
    }

    /** @param without returns permissions that deny an action to all but the keeper; null for none */
    private Stream<DynamicTest> matrix(Map<String, String> settings, Function<@Nullable Action, Permissions> without) {
        List<Case> cases = List.of(
                new Case("plain /ws", Action.READ, allowed -> plainRead("/ws", allowed)),
                new Case("plain /ws", Action.WRITE, allowed -> plainWrite("/ws", "", allowed)),
                new Case("plain /ws/{room}", Action.READ, allowed -> plainRead("/ws/" + NAME, allowed)),
                new Case("plain /ws/{room}", Action.WRITE, allowed -> plainWrite("/ws/" + NAME, NAME, allowed)),
                new Case("plain /ws/{room}", Action.PRESENCE, this::plainPresence),
                new Case("tutti.v1", Action.READ, this::tuttiRead),
                new Case("tutti.v1", Action.WRITE, this::tuttiWrite),
                new Case("tutti.v1", Action.PRESENCE, this::tuttiPresence),
                new Case("y-websocket", Action.READ, allowed -> documentRead(false, allowed)),
                new Case("y-websocket", Action.WRITE, allowed -> documentWrite(false, allowed)),
                new Case("y-websocket", Action.PRESENCE, allowed -> documentPresence(false, allowed)),
                new Case("Hocuspocus", Action.READ, allowed -> documentRead(true, allowed)),
                new Case("Hocuspocus", Action.WRITE, allowed -> documentWrite(true, allowed)),
                new Case("Hocuspocus", Action.PRESENCE, allowed -> documentPresence(true, allowed)),
                new Case("HTTP stored", Action.READ, this::httpStored),
                new Case("HTTP list", Action.MANAGE, this::httpList),
                new Case("HTTP delete", Action.MANAGE, this::httpDelete));
        return cases.stream()
                .flatMap(test -> Stream.of(true, false).map(allowed -> {
                    String name = test.protocol + " " + test.action + (allowed ? " allowed" : " refused");
                    return dynamicTest(name, () -> {
                        Action denied = allowed ? null : test.action;
                        try (TestServer started = TestServer.start(settings, without.apply(denied))) {
                            server = started;
                            test.attempt.run(allowed);
                        }
                    });
                }));
    }

    @Test
    void applicationItselfIsNotAsked() throws Exception {
        try (TestServer started = TestServer.start(Map.of(), (identity, action, resource) -> false)) {
            assertThat(started.clients()).isZero();
            Tutti tutti = Tutti.current();
            assertThat(tutti.publish(NAME, "a").toCompletableFuture().get().offset())
                    .isEqualTo(1);
            assertThat(tutti.members(NAME)).isEmpty();
            assertThat(tutti.parts()
                            .documents()
                            .delete(NAME)
                            .toCompletableFuture()
                            .get())
                    .isEqualTo(Documents.Deletion.UNKNOWN);
        }
    }

    private Peer keeper(String path) throws IOException {
        return Peer.open(server.port(), path + "?guest=" + KEEPER_SECRET);
    }

    private static void assertForbidden(Peer peer, String reason) throws IOException {
        Peer.Frame close = peer.closeFrame();
        assertThat(close.code()).isEqualTo(4403);
        assertThat(close.reason()).isEqualTo(reason);
    }

    private void plainRead(String path, boolean allowed) throws IOException {
        try (Peer user = Peer.open(server.port(), path)) {
            if (allowed) {
                user.sendText("\"a\"");
                assertThat(user.frame().text()).isEqualTo("\"a\"");
            } else {
                assertForbidden(user, "this user may not join this room");
                assertThat(Tutti.current().parts().hub().roomCount()).isZero();
            }
        }
    }

    private void plainWrite(String path, String room, boolean allowed) throws Exception {
        try (Peer keeper = keeper(path)) {
            await().until(() ->
                    Tutti.current().parts().hub().members(room).size() == 1); // a handshake ends before the join
            plainWrite(keeper, path, room, allowed);
        }
    }

    private void plainWrite(Peer keeper, String path, String room, boolean allowed) throws Exception {
        try (Peer user = Peer.open(server.port(), path)) {
            user.sendText("\"a\"");
            if (allowed) {
                assertThat(keeper.frame().text()).isEqualTo("\"a\"");
            } else {
                assertForbidden(user, "this user may not publish in this room");
                keeper.sendText("\"b\"");
                assertThat(keeper.frame().text()).isEqualTo("\"b\"");
                assertOffset(room, 2);
            }
        }
    }

    /** Expects the offset of the application's next publication: what was refused has none. */
    private static void assertOffset(String room, long offset) throws Exception {
        assertThat(Tutti.current()
                        .parts()
                        .hub()
                        .publish(room, "0", null)
                        .toCompletableFuture()
                        .get()
                        .offset())
                .isEqualTo(offset);
    }

    private void plainPresence(boolean allowed) throws IOException {
        try (Peer user = Peer.open(server.port(), "/ws/" + NAME)) {
            user.sendText("\"a\"");
            assertThat(user.frame().text()).isEqualTo("\"a\"");
            assertThat(Tutti.current().members(NAME)).hasSize(allowed ? 1 : 0);
        }
    }

    private Peer tutti(String path) throws IOException {
        Peer peer = Peer.connect(server.port());
        peer.send(Peer.handshake(path, "Sec-WebSocket-Protocol: tutti.v1\r\n"));
        assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        assertThat(peer.frame().text()).contains("\"welcome\"");
        return peer;
    }

    /** Sends a request with the id 1, in which apostrophes stand for quotes, and returns its answer. */
    private static String ask(Peer peer, String type, String rest) throws IOException {
        peer.sendText(("{'type':'" + type + "','id':1,'room':'" + NAME + "'" + rest + "}").replace('\'', '"'));
        return last(peer, text -> text.contains("\"id\":1")).get(0);
    }

    /** Reads up to the first frame that matches, and returns all frames read, the last first. */
    private static List<String> last(Peer peer, Predicate<String> isLast) throws IOException {
        List<String> read = new ArrayList<>();
        do {
            read.add(0, peer.frame().text());
        } while (!isLast.test(read.get(0)));
        return read;
    }

    private static void assertAnswer(String answer, boolean allowed, String refusal) {
        if (allowed) {
            assertThat(answer).doesNotContain("error");
        } else {
            assertThat(answer).contains("\"code\":\"forbidden\"", "\"message\":\"" + refusal + "\"");
        }
    }

    private void tuttiRead(boolean allowed) throws Exception {
        try (Peer user = tutti("/connect")) {
            assertAnswer(ask(user, "join", ""), allowed, "this user may not join this room");
            if (!allowed) {
                assertThat(ask(user, "history", "")).contains("not_joined");
                assertThat(ask(user, "members", "")).contains("not_joined");
                assertThat(ask(user, "publish", ",'data':1")).contains("not_joined");
                assertThat(Tutti.current().parts().hub().roomCount()).isZero();
            } else {
                assertAnswer(ask(user, "history", ""), true, "");
            }
        }
    }

    private void tuttiWrite(boolean allowed) throws Exception {
        try (Peer keeper = tutti("/connect?guest=" + KEEPER_SECRET);
                Peer user = tutti("/connect")) {
            ask(keeper, "join", "");
            ask(user, "join", "");
            assertAnswer(
                    ask(user, "publish", ",'data':'secret','key':'k'"),
                    allowed,
                    "this user may not publish in this room");
            assertThat(ask(keeper, "history", "").contains("secret")).isEqualTo(allowed);
            assertOffset(NAME, allowed ? 2 : 1);
        }
    }

    private void tuttiPresence(boolean allowed) throws Exception {
        String refusal = "this user may not see or show presence in this room";
        try (Peer keeper = tutti("/connect?guest=" + KEEPER_SECRET);
                Peer user = tutti("/connect")) {
            ask(keeper, "join", ",'state':'I keep'");
            assertAnswer(ask(user, "join", ",'state':7"), allowed, refusal);
            String joined = allowed ? "" : ask(user, "join", "");
            assertThat(joined).doesNotContain("I keep");
            assertAnswer(ask(user, "state", ",'state':'busy'"), allowed, refusal);
            assertAnswer(ask(user, "members", ""), allowed, refusal);
            assertThat(ask(keeper, "members", "").contains("\"count\":2")).isEqualTo(allowed);

            keeper.sendText("{\"type\":\"state\",\"room\":\"garden\",\"state\":\"gone\"}");
            ask(keeper, "publish", ",'data':'mark'");
            assertThat(String.join("", last(user, text -> text.contains("mark")))
                            .contains("gone"))
                    .isEqualTo(allowed);
            ask(user, "leave", "");
            Tutti.current().publish(NAME, "end").toCompletableFuture().get();
            assertThat(String.join("", last(keeper, text -> text.contains("\"end\"")))
                            .contains("\"left\""))
                    .isEqualTo(allowed);
        }
    }

    /** Connects to the document by y-websocket's protocol, or by Hocuspocus's. */
    private static Editor edit(int port, boolean hocuspocus, String query) throws IOException {
        if (!hocuspocus) {
            return new Editor(Peer.open(port, "/yjs/" + NAME + query), new byte[0]);
        }
        Lib0Writer address = new Lib0Writer();
        address.writeVarString(NAME);
        Editor editor = new Editor(Peer.open(port, "/hocuspocus" + query), address.toByteArray());
        editor.send(hex("020000"));
        return editor;
    }

    private static byte[] update() {
        Lib0Writer out = new Lib0Writer();
        out.write(hex("0002"));
        out.writeVarBytes(UPDATE);
        return out.toByteArray();
    }

    private void documentRead(boolean hocuspocus, boolean allowed) throws Exception {
        String reason = HexFormat.of().formatHex("this user may not open this document".getBytes(UTF_8));
        try (Editor user = edit(server.port(), hocuspocus, "")) {
            if (allowed) {
                user.send(SYNC_STEP_1);
                user.readUntil("0001");
                return;
            }
            if (hocuspocus) {
                assertThat(user.readUntil("0201")).contains(reason);
                user.send(SYNC_STEP_1);
                user.send(hex("020000"));
                assertThat(user.readUntil("0201")).contains(reason).doesNotContain("0001");
            } else {
                assertThat(user.readUntil("0200")).contains(reason);
                assertForbidden(user.peer(), "this user may not open this document");
            }
            assertThat(Tutti.current().parts().documents().count()).isZero();
        }
    }

    private void documentWrite(boolean hocuspocus, boolean allowed) throws Exception {
        try (Editor keeper = edit(server.port(), hocuspocus, "?guest=" + KEEPER_SECRET);
                Editor user = edit(server.port(), hocuspocus, "")) {
            if (hocuspocus) {
                String scope = HexFormat.of().formatHex((allowed ? "read-write" : "readonly").getBytes(UTF_8));
                assertThat(user.readUntil("0202")).contains(scope);
            }
            user.send(update());
            user.send(SYNC_STEP_1);
            assertThat(user.readUntil("0001").contains("000102"))
                    .isEqualTo(!allowed); // an update of two zeros is empty
            keeper.send(SYNC_STEP_1);
            assertThat(keeper.readUntil("0001").contains("000102")).isEqualTo(!allowed);
            if (hocuspocus) {
                user.send(update());
                assertThat(user.readUntil("08")).contains(allowed ? "0801" : "0800");
            }
            assertThat(Tutti.current()
                            .parts()
                            .documents()
                            .list("", "", 1)
                            .toCompletableFuture()
                            .get())
                    .hasSize(allowed ? 1 : 0);
        }
    }

    private void documentPresence(boolean hocuspocus, boolean allowed) throws Exception {
        try (Editor keeper = edit(server.port(), hocuspocus, "?guest=" + KEEPER_SECRET);
                Editor user = edit(server.port(), hocuspocus, "")) {
            keeper.send(hex("0107014e01037b207d")); // the client 78 with the state { }
            keeper.send(CONFIRM);
            keeper.readUntil("66");
            user.send(AWARENESS);
            user.send(AWARENESS_QUERY);
            user.send(CONFIRM);
            assertThat(user.readUntil("66").contains("037b207d")).isEqualTo(allowed);
            keeper.send(AWARENESS_QUERY);
            keeper.send(CONFIRM);
            assertThat(keeper.readUntil("66").contains("027b7d")).isEqualTo(allowed);
        }
    }

    private HttpResponse<String> http(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void createDocument() throws Exception {
        try (Editor keeper = edit(server.port(), false, "?guest=" + KEEPER_SECRET)) {
            keeper.send(update());
            keeper.send(CONFIRM);
            keeper.readUntil("66");
            keeper.peer().send(Peer.frame(0x88, (byte) 3, (byte) 0xE8));
            keeper.peer().closeFrame();
        }
    }

    private static void assertStatus(HttpResponse<String> response, boolean allowed, int status, String refusal) {
        if (allowed) {
            assertThat(response.statusCode()).isEqualTo(status);
        } else {
            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(response.body()).isEqualTo("{\"error\":\"forbidden\",\"message\":\"" + refusal + "\"}");
        }
    }

    private void httpStored(boolean allowed) throws Exception {
        assertStatus(http("GET", "/api/documents/garden/stored"), allowed, 200, "this user may not open this document");
        if (!allowed) {
            assertThat(Tutti.current().parts().documents().count()).isZero();
        }
    }

    private void httpList(boolean allowed) throws Exception {
        createDocument();
        HttpResponse<String> list = http("GET", "/api/documents");
        assertStatus(list, allowed, 200, "this user may not list or delete documents");
        assertThat(list.body().contains(NAME)).isEqualTo(allowed);
    }

    private void httpDelete(boolean allowed) throws Exception {
        createDocument();
        await().until(() -> Tutti.current().parts().documents().count() == 0);
        assertStatus(
                http("DELETE", "/api/documents/garden"), allowed, 204, "this user may not list or delete documents");
        assertThat(Tutti.current()
                        .parts()
                        .documents()
                        .list("", "", 1)
                        .toCompletableFuture()
                        .get())
                .hasSize(allowed ? 0 : 1);
    }
}
