package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.Identity;
import dev.tutti.security.Way;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final String SECRET = "0123456789abcdef";

    /** Returns the handshake of a session that a container opens now, with this query. */
    static Handshake capture(Map<String, List<String>> query) {
        Map<String, Object> properties = new HashMap<>();
        ServerEndpointConfig config = fake(ServerEndpointConfig.class, Map.of("getUserProperties", properties));
        HandshakeRequest request = fake(HandshakeRequest.class, Map.of("getParameterMap", query));
        new Handshake.Configurator().modifyHandshake(config, request, null);
        return Handshake.of(fake(Session.class, Map.of("getUserProperties", properties)));
    }

    private static Identity identity(Identity admitted, String... secrets) {
        return new Handshake("", admitted)
                .<Handshake, RuntimeException, RuntimeException>during(() -> capture(Map.of("guest", List.of(secrets))))
                .identity();
    }

    /** Returns an object whose methods return these values, by name. */
    private static <T> T fake(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> answers.get(method.getName())));
    }

    @Test
    void authenticatedUserWinsOverAGuest() {
        assertThat(identity(Identity.named("Ann"), SECRET)).isEqualTo(Identity.named("Ann"));
    }

    @Test
    void guestIsNamedByItsSecret() {
        Identity visitor = Identity.visitor(Way.LOCAL);

        assertThat(identity(visitor, SECRET)).isEqualTo(visitor.withGuestSecret(SECRET));
        assertThat(identity(visitor, SECRET, SECRET)).isEqualTo(visitor);
    }

    @Test
    void sessionThatNobodyAdmittedIsNobody() {
        assertThat(capture(Map.of())).isEqualTo(new Handshake("", Identity.ANONYMOUS));
        assertThat(Handshake.of(fake(Session.class, Map.of("getUserProperties", Map.of()))))
                .isEqualTo(new Handshake("", Identity.ANONYMOUS));
    }
}
