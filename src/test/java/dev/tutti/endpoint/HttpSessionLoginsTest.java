package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.plain.PlainProtocol;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HttpSessionLoginsTest {
    private final HttpSessionLogins logins = new HttpSessionLogins(0);
    private final FakePeer.World world = new FakePeer.World(Map.of());
    private final FakePeer ann = world.connect(PlainProtocol.INSTANCE, "ann");
    private final FakePeer ben = world.connect(PlainProtocol.INSTANCE, "ben");

    private static HttpSession session(String id) {
        return (HttpSession) Proxy.newProxyInstance(
                HttpSession.class.getClassLoader(), new Class<?>[] {HttpSession.class}, (proxy, method, given) -> id);
    }

    private void destroy(String id) {
        logins.sessionDestroyed(new HttpSessionEvent(session(id)));
    }

    @Test
    void endOfASessionClosesItsClients() {
        logins.of(session("1")).connected(ann.client());
        logins.of(session("2")).connected(ben.client());

        destroy("1");

        assertThat(ann.closeCode()).isEqualTo(CloseCode.UNAUTHENTICATED);
        assertThat(ben.closeCode()).isNull();
    }

    @Test
    void sessionKeepsItsClientsUnderANewId() {
        logins.of(session("1")).connected(ann.client());
        logins.sessionIdChanged(new HttpSessionEvent(session("2")), "1");
        logins.of(session("2")).connected(ben.client());

        destroy("1");
        assertThat(ann.closeCode()).isNull();
        destroy("2");

        assertThat(ann.closeCode()).isEqualTo(CloseCode.UNAUTHENTICATED);
        assertThat(ben.closeCode()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void clientOfAnEndedSessionIsClosedAtOnce() {
        Login login = logins.of(session("1"));
        destroy("1");

        login.connected(ann.client());

        assertThat(ann.closeCode()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void clientThatHasEndedIsForgotten() {
        Login login = logins.of(session("1"));
        login.connected(ann.client());
        login.disconnected(ann.client());

        destroy("1");

        assertThat(ann.closeCode()).isNull();
    }

    @Test
    void endOfASessionWaitsForItsConnections() throws Exception {
        HttpSessionLogins patient = new HttpSessionLogins(TimeUnit.MINUTES.toMillis(1));
        Login login = patient.of(session("1"));
        login.connected(ann.client());
        login.connected(ben.client());
        Thread ending = new Thread(() -> patient.sessionDestroyed(new HttpSessionEvent(session("1"))));
        ending.start();
        await().until(() -> ann.closeCode() != null && ben.closeCode() != null);

        login.disconnected(ann.client());
        assertThat(ending.isAlive()).isTrue();
        login.disconnected(ben.client());

        ending.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(ending.isAlive()).isFalse();
    }
}
