package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways round the rules by tokens and their claims. No byte of the hidden text or of the keeper's name reaches others, and nothing changes. */
class TokenBypassIT extends HiddenRoomAndDocument {
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
                assertNoLeak(both.received());
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
                assertThat(ann.received()).doesNotContain(ANNS_TOKEN);
                if (ann.isOpen()) {
                    Peer.Frame last = tryRoom(ann);
                    if (!target.equals("/ws/lobby")) {
                        assertRefused(ann, last);
                    }
                }
                assertNoLeak(ann.received());
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
            assertNoLeak(ann.received());
        }
        try (Connection ann = Connection.upgrade("/hocuspocus")) {
            for (String key : List.of("secret", "mine")) {
                assertThat(tryHocuspocus(ann, key, token)).doesNotContain("read-write", "readonly");
            }
            assertNoLeak(ann.received());
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
                assertNoLeak(stranger.received());
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
