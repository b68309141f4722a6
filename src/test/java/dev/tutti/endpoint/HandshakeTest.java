package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.Identity;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final String SECRET = "0123456789abcdef";

    private static Handshake capture(
            Map<String, List<String>> headers, Map<String, List<String>> query, @Nullable Principal principal) {
        Map<String, Object> properties = new HashMap<>();
        ServerEndpointConfig config = fake(ServerEndpointConfig.class, Map.of("getUserProperties", properties));
        Map<String, Object> answers = new HashMap<>(Map.of("getHeaders", headers, "getParameterMap", query));
        answers.put("getUserPrincipal", principal);
        new Handshake.Configurator().modifyHandshake(config, fake(HandshakeRequest.class, answers), null);
        return Handshake.of(fake(Session.class, Map.of("getUserProperties", properties)));
    }

    /** Returns an object whose methods return these values, by name. */
    private static <T> T fake(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> answers.get(method.getName())));
    }

    @Test
    void authenticatedUserWinsOverAGuest() {
        assertThat(capture(Map.of(), Map.of("guest", List.of(SECRET)), () -> "Ann")
                        .identity())
                .isEqualTo(Identity.named("Ann"));
    }

    @Test
    void guestIsNamedByItsSecret() {
        assertThat(capture(Map.of(), Map.of("guest", List.of(SECRET)), null).identity())
                .isEqualTo(Identity.guest(SECRET));
    }

    @Test
    void twoSecretsAreAnonymous() {
        assertThat(capture(Map.of(), Map.of("guest", List.of(SECRET, SECRET)), null)
                        .identity())
                .isEqualTo(Identity.ANONYMOUS);
        assertThat(capture(Map.of(), Map.of(), () -> null).identity()).isEqualTo(Identity.ANONYMOUS);
    }

    @Test
    void addressComesFromTheFilterOnly() {
        String header = Handshake.Configurator.ADDRESS_HEADER;

        assertThat(capture(Map.of(header, List.of("192.0.2.1")), Map.of(), null).address())
                .isEqualTo("192.0.2.1");
        assertThat(capture(Map.of("X-Forwarded-For", List.of("192.0.2.1")), Map.of(), null)
                        .address())
                .isEmpty();
    }

    @Test
    void sessionWithoutAHandshakeIsAnonymous() {
        assertThat(Handshake.of(fake(Session.class, Map.of("getUserProperties", Map.of()))))
                .isEqualTo(new Handshake("", Identity.ANONYMOUS));
    }
}
