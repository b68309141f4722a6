package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.AccessSettings;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.Way;
import dev.tutti.security.Ways;
import dev.tutti.settings.Settings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeFilterTest {
    private final List<Runnable> unfinishedCloses = new ArrayList<>();
    private final PendingCloses pendingCloses = new PendingCloses(unfinishedCloses::add);
    private final List<HttpServletRequest> passed = new ArrayList<>();

    /** The handshake of the last session that was opened. */
    private @Nullable Handshake captured;

    /** Returns the status of a handshake; 101 if the filter passes it on. */
    private int status(Map<String, String> settings, String path, @Nullable String origin) throws Exception {
        Gate open = new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("")));
        return status(open, settings, request(path, origin, null));
    }

    private int status(Gate gate, Map<String, String> settings, HttpServletRequest handshake) throws Exception {
        Limits limits = Settings.read(Limits.class, settings::get);
        return status(gate, new Hub(limits, "h", task -> {}, 1, TimeSource.SYSTEM), handshake);
    }

    private int status(Gate gate, Hub hub, HttpServletRequest handshake) throws Exception {
        HandshakeFilter filter = new HandshakeFilter(gate, hub, pendingCloses, new HttpSessionLogins());
        int[] status = {101};
        HttpServletResponse response = fake(HttpServletResponse.class, (method, given) -> {
            if (method.equals("sendError")) {
                status[0] = (int) given[0];
            }
            return null;
        });
        FilterChain chain = (request, unused) -> {
            passed.add((HttpServletRequest) request);
            captured = HandshakeTest.capture(Map.of());
        };
        filter.doFilter(handshake, response, chain);
        return status[0];
    }

    private static HttpServletRequest request(String path, @Nullable String origin, @Nullable String authorization) {
        return fake(HttpServletRequest.class, (method, given) -> switch (method) {
            case "getServletPath" -> path;
            case "getRemoteAddr" -> "192.0.2.1";
            case "getHeaders" ->
                values(
                        switch ((String) given[0]) {
                            case "Origin" -> origin;
                            case "Host" -> "example.org";
                            case "Authorization" -> authorization;
                            default -> null;
                        });
            default -> null;
        });
    }

    private static Enumeration<String> values(@Nullable String value) {
        return Collections.enumeration(value == null ? List.of() : List.of(value));
    }

    private interface Calls {
        @Nullable
        Object call(String method, Object[] given);
    }

    private static <T> T fake(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, given) -> calls.call(method.getName(), given)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws", "/ws/garden", "/connect", "/yjs/minutes", "/hocuspocus"})
    void goodHandshakeIsPassedOn(String path) throws Exception {
        assertThat(status(Map.of(), path, null)).isEqualTo(101);
        assertThat(passed).hasSize(1);
    }

    @Test
    void sessionLearnsAddressAndIdentity() throws Exception {
        assertThat(status(Map.of(), "/ws", "http://example.org")).isEqualTo(101);

        assertThat(captured).isEqualTo(new Handshake("192.0.2.1", Identity.visitor(Way.OPEN)));
        assertThat(HandshakeTest.capture(Map.of())).isEqualTo(new Handshake("", Identity.ANONYMOUS));
    }

    @Test
    void pageOfAnotherSiteIsForbidden() throws Exception {
        assertThat(status(Map.of(), "/ws", "http://elsewhere.example")).isEqualTo(403);
        assertThat(passed).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"example.org, 101", "tutti.example.org, 403"})
    void onlyTheServersOwnHostIsServed(String allowed, int expected) throws Exception {
        Gate gate = AccessSettings.gate(Map.of("access", "open", "allowed-hosts", allowed)::get);

        for (String path : List.of("/ws", "/ws/garden", "/connect", "/yjs/minutes", "/hocuspocus")) {
            assertThat(status(gate, Map.of(), request(path, null, null))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws/", "/ws/.hidden", "/ws/a/b", "/yjs/", "/yjs/a b"})
    void impossibleNameIsABadRequest(String path) throws Exception {
        assertThat(status(Map.of(), path, null)).isEqualTo(400);
    }

    @Test
    void drainingServerIsUnavailable() throws Exception {
        Gate open = new Gate(new Gate.Options(Ways.valueOf("open")), Origins.of(new Origins.Options("")));
        Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", task -> {}, 1, TimeSource.SYSTEM);
        var unused = new Drain(hub, (task, nanos) -> {}, CloseCode.GOING_AWAY).begin(new Drain.Options(1, 0));

        assertThat(status(open, hub, request("/ws", null, null))).isEqualTo(503);
        assertThat(passed).isEmpty();
    }

    @Test
    void pendingClosesCountAsConnections() throws Exception {
        pendingCloses.run("192.0.2.1", () -> {});

        assertThat(status(Map.of("max-connections", "1"), "/ws", null)).isEqualTo(503);
        assertThat(status(Map.of("max-connections-per-address", "1"), "/ws", null))
                .isEqualTo(429);
        unfinishedCloses.forEach(Runnable::run);
        assertThat(status(Map.of("max-connections", "1", "max-connections-per-address", "1"), "/ws", null))
                .isEqualTo(101);
    }

    @ParameterizedTest
    @CsvSource({
        "/ws, , 401",
        "/ws/garden, , 401",
        "/yjs/minutes, , 401",
        "/connect, , 101",
        "/hocuspocus, , 101",
        "/ws, Bearer Ann, 101",
        "/connect, Bearer Ann, 101",
        "/connect, Bearer bad, 401",
        "/hocuspocus, Bearer early, 503",
    })
    void tokenIsAskedBeforeOrAfterTheHandshake(String path, @Nullable String authorization, int expected)
            throws Exception {
        Gate tokens = FakeTokens.with(Permissions.ALLOW_ALL).gate();

        assertThat(status(tokens, Map.of(), request(path, null, authorization))).isEqualTo(expected);
    }
}
