package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways round the rules by names, paths and messages. No byte of the hidden text or of the keeper's name reaches others, and nothing changes. */
class RuleBypassIT extends HiddenRoomAndDocument {
    /** Without this, the other tests could not fail. */
    @Test
    void keeperFindsTheHiddenTexts() throws IOException {
        try (Connection document = Connection.upgrade("/yjs/secret", bearer(KEEPERS_TOKEN));
                Connection room = tutti(KEEPERS_TOKEN)) {
            document.send(AWARENESS_QUERY);
            document.readMessage("01");
            document.send(SYNC_STEP_1);
            document.readMessage("0001");
            assertThat(document.received()).contains(KEEPER, TEXT);
            room.ask("join", ",'room':'secret'");
            room.ask("history", ",'room':'secret'");
            assertThat(room.received()).contains(KEEPER, TEXT, hidden.get(2));
        }
        assertThat(http("GET /api/documents/%73ecret/stored", bearer(KEEPERS_TOKEN)))
                .startsWith("HTTP/1.1 200")
                .contains(hidden.get(3));
        await().until(() ->
                Tutti.current().parts().hub().clientCount() == 2); // the leaves precede the keeper's next look
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
                assertNoLeak(ann.received());
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
            assertNoLeak(ann.received());
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
                assertNoLeak(ann.received());
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
                assertNoLeak(ann.received());
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
            assertNoLeak(ann.received());
            assertUnchanged();
        }
    }

    @Test
    void tokenOfOneDocumentOpensNoOtherOnTheSameSocket() throws IOException {
        String claim = SecretTokens.token("ben", 600, json(",'tutti':[{'documents':['mine'],'may':['read','write']}]"));
        String forbidden = "this user may not open this document";
        try (Connection ben = Connection.upgrade("/hocuspocus")) {
            ben.send(addressed("secret", defacement()));
            assertThat(tryHocuspocus(ben, "mine", claim)).isEqualTo("read-write");
            assertThat(tryHocuspocus(ben, "secret", claim)).isEqualTo(forbidden);
            assertThat(tryHocuspocus(ben, "secret\0mine", claim)).isEqualTo(forbidden);
            assertThat(tryHocuspocus(ben, "secret", "")).doesNotContain("read-write");
            assertThat(tryHocuspocus(ben, "secret", ANNS_TOKEN)).isEqualTo(forbidden);
            assertThat(tryHocuspocus(ben, "mine\0again", "")).doesNotContain("read-write");
            readAll(ben, claim);
            assertNoLeak(ben.received());
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
                assertNoLeak(each.received());
                assertUnchanged();
            }
        }
    }

    static Stream<byte[]> foreignFrames() {
        return Stream.of(
                addressed("secret", SYNC_STEP_1),
                addressed("secret", defacement()),
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
            assertNoLeak(ann.received());
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
            assertNoLeak(ann.received());
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
            assertNoLeak(ann.received());
            assertUnchanged();
        }
    }

    @Test
    void roomThatWasLeftIsClosed() throws IOException {
        try (Connection ann = tutti(ANNS_TOKEN)) {
            ann.ask("join", ",'room':'lobby'");
            ann.ask("leave", ",'room':'lobby'");
            publishAndExpectClosed(ann, "lobby");
            ann.peer()
                    .sendText(Stream.of("join", "leave", "history", "members", "publish")
                            .map(type ->
                                    json("{'type':'" + type + "','id':'" + type + "','room':'lobby','data':'defaced'}"))
                            .reduce((a, b) -> a + "\n" + b)
                            .orElseThrow());
            int start = ann.received().length();
            ann.ask("ping", "");
            assertThat(ann.received().substring(start))
                    .contains("\"not_joined\"")
                    .doesNotContain("\"messages\":[{");
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
            if (dora.received().indexOf("\"removed\"") < 0) {
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
        assertThat(former.received()).doesNotContain(later);
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
            assertThat(carl.received()).doesNotContain("\"entered\"", "\"presence\"", "\"left\"");
            assertNoLeak(carl.received());
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
            assertThat(keeper.received()).contains(KEEPER).doesNotContain("stranger");
            assertNoLeak(carl.received());
            assertNoLeak(carlToo.received());
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
            String absent = http(request.replace("{}", ABSENT), bearer(ANNS_TOKEN));
            assertThat(secret.replaceAll("(?i)\r\ndate:[^\r]*", ""))
                    .isEqualTo(absent.replaceAll("(?i)\r\ndate:[^\r]*", ""));
        }
    }
}
