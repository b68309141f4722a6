package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
    private static Gate gate(String ways) {
        return gate(ways, "");
    }

    private static Gate gate(String ways, String origins) {
        return new Gate(new Gate.Options(Ways.valueOf(ways)), Origins.of(new Origins.Options(origins)));
    }

    /** Returns a peer with these headers, which asks for localhost unless they name a Host. */
    private static Caller caller(String address, @Nullable String principal, String... headers) {
        Map<String, List<String>> all = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.computeIfAbsent(headers[i], name -> new ArrayList<>()).add(headers[i + 1]);
        }
        all.putIfAbsent("Host", List.of("localhost:8000"));
        List<String> query = all.get("?");
        return Caller.of(
                address,
                name -> all.getOrDefault(name, List.of()),
                query == null ? null : query.get(0),
                principal == null ? null : () -> principal);
    }

    private static void assertRefused(Gate gate, Caller caller, String setting) {
        assertThatThrownBy(() -> gate.admit(caller))
                .isInstanceOf(ForbiddenException.class)
                .hasMessageContaining(setting);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, localhost",
        "127.0.0.1, localhost:8000",
        "127.8.9.1, 127.0.0.1:8000",
        "127.0.0.1, LOCALHOST",
        "127.0.0.1, tutti.localhost:1",
        "::1, [::1]:8000",
        "0:0:0:0:0:0:0:1, localhost",
    })
    void peerAtThisMachineIsLocal(String address, String host) {
        Caller caller = caller(address, null, "Host", host);

        assertThat(gate("local").admit(caller)).isEqualTo(Identity.visitor(Way.LOCAL));
        assertThat(gate("local,open").admit(caller)).isEqualTo(Identity.visitor(Way.LOCAL));
        assertThat(gate("open").admit(caller)).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, localhost",
        "2001:db8::1, localhost",
        "fe80::1%eth0, localhost",
        "'', localhost",
        "localhost, localhost",
        "127.0.0.1, rebound.example",
        "127.0.0.1, localhost.rebound.example",
        "127.0.0.1, 127.0.0.1.rebound.example",
        "127.0.0.1, 127.0.0.1@rebound.example",
        "127.0.0.1, localhost:8000:1",
        "127.0.0.1, ''",
        "127.0.0.1, 10.0.0.1",
    })
    void otherPeerOrHostIsNotLocal(String address, String host) {
        Caller caller = caller(address, null, "Host", host);

        assertRefused(gate("local"), caller, "access=open");
        assertThat(gate("local,open").admit(caller)).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded",
                "Via",
                "X-Forwarded-For",
                "X-Forwarded-Host",
                "X-Forwarded-Proto",
                "X-Forwarded-Server",
                "X-Real-IP"
            })
    void forwardedRequestIsNotLocal(String header) {
        assertRefused(gate("local"), caller("127.0.0.1", null, header, "127.0.0.1"), "access=open");
    }

    @Test
    void requestWithoutAHostIsNotLocal() {
        assertRefused(gate("local"), Caller.of("127.0.0.1", name -> List.of(), null, null), "access=open");
    }

    @Test
    void containersUserNeedsTheSetting() {
        Caller ann = caller("192.0.2.1", "Ann");

        assertThat(gate("container").admit(ann)).isEqualTo(Identity.named("Ann"));
        assertThat(gate("open").admit(ann)).isEqualTo(Identity.visitor(Way.OPEN));
        assertRefused(gate("local"), ann, "access=open");
        assertRefused(gate("container"), caller("192.0.2.1", null), "sign in");
        assertThat(gate("local,container").admit(caller("127.0.0.1", null))).isEqualTo(Identity.visitor(Way.LOCAL));
    }

    @Test
    void cookieServesTheServersOwnPagesOnly() {
        String cookie = "JSESSIONID=1";
        String elsewhere = "https://elsewhere.example";

        assertThat(gate("container", "*")
                        .admit(caller("192.0.2.1", "Ann", "Cookie", cookie, "Origin", "http://localhost:8000")))
                .isEqualTo(Identity.named("Ann"));
        assertRefused(
                gate("container", "*"), caller("192.0.2.1", "Ann", "Cookie", cookie, "Origin", elsewhere), "cookie");
        assertRefused(
                gate("container", elsewhere),
                caller("192.0.2.1", "Ann", "Cookie", cookie, "Origin", elsewhere),
                "cookie");
        assertThat(gate("container", elsewhere).admit(caller("192.0.2.1", "Ann", "Origin", elsewhere)))
                .isEqualTo(Identity.named("Ann"));
    }

    /** Returns a gate for these ways that accepts one token. */
    private static Gate tokenGate(String ways) {
        return new Gate(new Gate.Options(Ways.valueOf(ways)), Origins.of(new Origins.Options("")), GateTest::verify);
    }

    private static Identity verify(String token) {
        if (token.equals("old")) {
            throw UnauthenticatedException.unchecked("this token is old");
        }
        if (!token.equals("good")) {
            throw UnauthenticatedException.needsToken("this token is not good");
        }
        return new Identity(Way.TOKEN, "Ann", Set.of("editor"), Map.of(), Instant.MAX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer good", "bearer good", "BEARER  good "})
    void tokenIdentifiesItsUser(String authorization) {
        Caller ann = caller("192.0.2.1", null, "Authorization", authorization);

        for (String ways : new String[] {"token", "local,open,token"}) {
            assertThat(tokenGate(ways).admit(ann)).isEqualTo(verify("good"));
        }
        assertThat(tokenGate("open").admit(ann)).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer bad", "Bearer ", "Bearer good, good"})
    void wrongTokenIsRefusedDespiteOtherWays(String authorization) {
        for (String ways : new String[] {"token", "local,open,token"}) {
            assertThatThrownBy(() -> tokenGate(ways).admit(caller("127.0.0.1", null, "Authorization", authorization)))
                    .isInstanceOf(UnauthenticatedException.class)
                    .hasMessage("this token is not good");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"good", "Basic good", "Bearergood"})
    void otherCredentialsAreNoToken(String authorization) {
        Caller caller = caller("192.0.2.1", null, "Authorization", authorization);

        assertThat(tokenGate("open,token").admit(caller)).isEqualTo(Identity.visitor(Way.OPEN));
        assertThatThrownBy(() -> tokenGate("token").admit(caller))
                .isInstanceOf(UnauthenticatedException.class)
                .hasMessageContaining("a token is needed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"yjs, bearer.good", "bearer.good,yjs", "tutti.v1,\tbearer.good"})
    void subprotocolCarriesAToken(String subprotocols) {
        assertThat(tokenGate("token").admit(caller("192.0.2.1", null, "Sec-WebSocket-Protocol", subprotocols)))
                .isEqualTo(verify("good"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yjs", "xbearer.good", "bearer", "Bearer.good"})
    void otherSubprotocolIsNoToken(String subprotocols) {
        assertThatThrownBy(() ->
                        tokenGate("token").admit(caller("192.0.2.1", null, "Sec-WebSocket-Protocol", subprotocols)))
                .hasMessageContaining("a token is needed");
    }

    @ParameterizedTest
    @CsvSource({"token=good", "a=1&token=good", "token=good&a=1"})
    void queryCarriesATokenWhereItIsSwitchedOn(String query) {
        Caller ann = caller("192.0.2.1", null, "?", query);
        Gate gate = new Gate(
                new Gate.Options(Ways.valueOf("token"), true, 100, Hosts.valueOf("")),
                Origins.of(new Origins.Options("")),
                GateTest::verify);

        assertThat(gate.admit(ann)).isEqualTo(verify("good"));
        assertThatThrownBy(() -> tokenGate("token").admit(ann)).hasMessageContaining("a token is needed");
    }

    @Test
    void secondTokenIsRefused() {
        for (String[] two : new String[][] {
            {"Authorization", "Bearer good", "Sec-WebSocket-Protocol", "yjs, bearer.good"},
            {"Sec-WebSocket-Protocol", "bearer.good, bearer.good"},
            {"Authorization", "Bearer good", "Authorization", "Bearer good"},
            {"Sec-WebSocket-Protocol", "yjs, bearer.good", "Sec-WebSocket-Protocol", "bearer.good"},
        }) {
            assertThatThrownBy(() -> tokenGate("token").admit(caller("192.0.2.1", null, two)))
                    .isInstanceOf(UnauthenticatedException.class)
                    .hasMessageContaining("more than one token");
        }
    }

    @Test
    void peerWithoutATokenMaySendItLater() {
        Caller stranger = caller("192.0.2.1", null);

        assertThat(tokenGate("token").admitBeforeToken(stranger)).isEqualTo(Identity.ANONYMOUS);
        assertThat(tokenGate("open,token").admitBeforeToken(stranger)).isEqualTo(Identity.visitor(Way.OPEN));
        assertThat(gate("open").admitBeforeToken(stranger)).isEqualTo(Identity.visitor(Way.OPEN));
        assertThatThrownBy(() -> gate("local").admitBeforeToken(stranger)).isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() ->
                        tokenGate("token").admitBeforeToken(caller("192.0.2.1", null, "Authorization", "Bearer bad")))
                .isInstanceOf(UnauthenticatedException.class);
        assertThatThrownBy(() -> tokenGate("token")
                        .admitBeforeToken(caller("192.0.2.1", null, "Origin", "https://elsewhere.example")))
                .isInstanceOf(ForbiddenException.class);
    }

    private final long[] nanos = {-5_000_000_000L};

    /** Returns a gate of tokens that lets five a second fail, and ten at once. */
    private Gate strictGate() {
        Gate.Options options = new Gate.Options(Ways.valueOf("token"), false, 5, Hosts.valueOf(""));
        return new Gate(options, Origins.of(new Origins.Options("")), GateTest::verify, null, () -> nanos[0]);
    }

    private static Caller bearer(String address, String token) {
        return caller(address, null, "Authorization", "Bearer " + token);
    }

    /** Returns the status of a refusal, 0 if the peer is admitted. */
    private static int status(Gate gate, String address, String token) {
        try {
            gate.admit(bearer(address, token));
            return 0;
        } catch (UnauthenticatedException e) {
            return e.status();
        }
    }

    @Test
    void addressWithTooManyFailuresIsRefusedUnseen() {
        Gate gate = strictGate();
        for (int i = 0; i < 10; i++) {
            assertThat(status(gate, "192.0.2.1", "bad")).isEqualTo(401);
        }

        assertThat(status(gate, "192.0.2.1", "bad")).isEqualTo(429);
        assertThat(status(gate, "192.0.2.1", "good")).isEqualTo(429);
        assertThat(status(gate, "192.0.2.2", "good")).isZero();
        assertThatThrownBy(() -> gate.authenticate("good", "192.0.2.1"))
                .isInstanceOf(UnauthenticatedException.class)
                .hasMessageContaining("too many tokens");
        assertThat(gate.authenticate("good", "").user()).isEqualTo("Ann");
        nanos[0] += 1_000_000_000L;
        assertThat(status(gate, "192.0.2.1", "good")).isZero();
    }

    @Test
    void tokensAreCountedByTheirResult() {
        Gate gate = strictGate();
        for (int i = 0; i < 10; i++) {
            status(gate, "192.0.2.1", "bad");
        }
        status(gate, "192.0.2.1", "good");
        status(gate, "192.0.2.2", "good");
        gate.authenticate("good", "192.0.2.3");

        assertThat(gate.tokens(TokenResult.REFUSED)).isEqualTo(10);
        assertThat(gate.tokens(TokenResult.LIMITED)).isOne();
        assertThat(gate.tokens(TokenResult.ACCEPTED)).isEqualTo(2);
        assertThat(gate.tokens(TokenResult.UNAVAILABLE)).isZero();
    }

    @Test
    void networkOfIpv6IsOneAddress() {
        Gate gate = strictGate();
        for (int i = 1; i <= 10; i++) {
            status(gate, "2001:db8::" + i, "bad");
        }

        assertThat(status(gate, "2001:db8::ffff", "good")).isEqualTo(429);
        assertThat(status(gate, "2001:db8:1::1", "good")).isZero();
    }

    @Test
    void uncheckedTokensCountATwentieth() {
        Gate gate = strictGate();
        for (int i = 0; i < 200; i++) {
            assertThat(status(gate, "192.0.2.1", "old")).isEqualTo(401);
        }

        assertThat(status(gate, "192.0.2.1", "old")).isEqualTo(429);
    }

    @Test
    void goodTokensAndThoseWithoutKeysAreNoFailures() {
        Gate gate = new Gate(
                new Gate.Options(Ways.valueOf("token"), false, 1, Hosts.valueOf("")),
                Origins.of(new Origins.Options("")),
                token -> {
                    if (token.equals("early")) {
                        throw UnauthenticatedException.tryLater("there are no keys yet");
                    }
                    return verify(token);
                },
                null,
                () -> nanos[0]);
        for (int i = 0; i < 100; i++) {
            assertThat(status(gate, "192.0.2.1", "good")).isZero();
            assertThat(status(gate, "192.0.2.1", "early")).isEqualTo(503);
        }
        assertThat(gate.tokens(TokenResult.UNAVAILABLE)).isEqualTo(100);
    }

    @Test
    void unlimitedFailuresAreASetting() {
        Gate.Options options = new Gate.Options(Ways.valueOf("token")).withoutAddressLimits();
        Gate gate = new Gate(options, Origins.of(new Origins.Options("")), GateTest::verify, null, () -> nanos[0]);
        for (int i = 0; i < 2_000; i++) {
            assertThat(status(gate, "192.0.2.1", "bad")).isEqualTo(401);
        }
    }

    private static Gate gateOfHosts(String ways, String hosts) {
        return new Gate(
                new Gate.Options(Ways.valueOf(ways), false, 100, Hosts.valueOf(hosts)),
                Origins.of(new Origins.Options("")));
    }

    @ParameterizedTest
    @CsvSource({
        "tutti.example.org, 192.0.2.1",
        "tutti.example.org:8443, 192.0.2.1",
        "TUTTI.example.org, 192.0.2.1",
        "[2001:db8::1]:8000, 192.0.2.1",
        "localhost:8000, 127.0.0.1",
    })
    void listedHostIsServed(String host, String address) {
        Caller caller = caller(address, null, "Host", host);
        Gate gate = gateOfHosts("open,local", " tutti.example.org, [2001:DB8::1]");

        assertThat(gate.admit(caller).user()).isEmpty();
        gate.admitToPages(caller);
    }

    @ParameterizedTest
    @CsvSource({
        "rebound.example, 127.0.0.1",
        "tutti.example.org.rebound.example, 192.0.2.1",
        "rebound.example:8000, 192.0.2.1",
        "localhost, 192.0.2.1",
        "'', 192.0.2.1",
    })
    void otherHostIsRefused(String host, String address) {
        Caller caller = caller(address, null, "Host", host, "Origin", "http://" + host);
        Gate gate = gateOfHosts("open", "tutti.example.org");

        assertRefused(gate, caller, "TUTTI_ALLOWED_HOSTS");
        assertThatThrownBy(() -> gate.admitToPages(caller)).isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() -> gate.admitBeforeToken(caller)).isInstanceOf(ForbiddenException.class);
        assertThat(gate("open").admit(caller(address, null, "Host", host))).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @Test
    void requestWithoutAHostIsForNoListedHost() {
        assertRefused(
                gateOfHosts("open", "tutti.example.org"),
                Caller.of("192.0.2.1", name -> List.of(), null, null),
                "HOSTS");
    }

    @Test
    void invalidHostIsAnInvalidSetting() {
        for (String text : new String[] {"http://a", "a:8000", "*", "a b"}) {
            assertThatThrownBy(() -> Hosts.valueOf(text)).hasMessageContaining("is not a host");
        }
    }

    @Test
    void handshakeWithACookieNeedsAnOrigin() {
        String[] handshake = {"Cookie", "JSESSIONID=1", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="};
        String[] program = {
            "Cookie", "JSESSIONID=1", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Authorization", "Basic QTpi"
        };

        assertRefused(gate("container"), caller("192.0.2.1", "Ann", handshake), "cookie");
        assertThat(gate("container").admit(caller("192.0.2.1", "Ann", program))).isEqualTo(Identity.named("Ann"));
        assertThat(gate("container").admit(caller("192.0.2.1", "Ann", "Cookie", "JSESSIONID=1")))
                .isEqualTo(Identity.named("Ann"));
    }

    @Test
    void tokenDoesNotReplaceTheOrigin() {
        assertRefused(
                tokenGate("token"),
                caller("192.0.2.1", null, "Authorization", "Bearer good", "Origin", "https://elsewhere.example"),
                "TUTTI_ORIGINS");
    }

    @Test
    void pageOfAnotherSiteIsRefused() {
        Caller page = caller("127.0.0.1", null, "Origin", "https://elsewhere.example");

        assertRefused(gate("local,open"), page, "TUTTI_ORIGINS");
        assertThat(gate("open", "https://elsewhere.example").admit(page)).isEqualTo(Identity.visitor(Way.OPEN));
    }

    @Test
    void onlyALocalServerRefusesItsPages() {
        Caller stranger = caller("192.0.2.1", null);

        gate("container").admitToPages(stranger);
        gate("local,open").admitToPages(stranger);
        gate("local").admitToPages(caller("127.0.0.1", null));
        assertThatThrownBy(() -> gate("local").admitToPages(stranger)).isInstanceOf(ForbiddenException.class);
    }

    @Test
    void waysHaveNamesAndNoOthers() {
        assertThat(Ways.valueOf("container, local")).hasToString("local,container");
        for (String text : new String[] {"", "none", "LOCAL", "open,"}) {
            assertThatThrownBy(() -> Ways.valueOf(text))
                    .hasMessageContaining("is none of local, open, container, token");
        }
    }

    @Test
    void summarySaysWhoCanConnect() {
        assertThat(gate("open").summary()).contains("every peer");
        assertThat(gate("local").summary()).contains("only this machine");
        assertThat(gate("local,container").summary()).isEqualTo("access=local,container");
    }
}
