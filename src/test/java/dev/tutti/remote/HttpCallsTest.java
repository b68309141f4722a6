package dev.tutti.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpCallsTest {
    private static final HttpCalls.Limits LIMITS = new HttpCalls.Limits(5_000, 5_000_000_000L, 100);

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 404, 500})
    void connectionIsUsedAgainWhateverTheStatus(int status) throws IOException {
        Set<Integer> ports = ConcurrentHashMap.newKeySet();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            ports.add(exchange.getRemoteAddress().getPort());
            exchange.getRequestBody().readAllBytes();
            byte[] body = status == 204 ? new byte[0] : new byte[50];
            exchange.sendResponseHeaders(status, status == 204 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            URL address = new URL("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            HttpCalls calls = new HttpCalls(address, LIMITS, System::nanoTime);
            for (int i = 0; i < 5; i++) {
                assertThat(calls.deliver(Map.of(), new byte[10]).status()).isEqualTo(status);
            }
            assertThat(ports).hasSize(1);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void secretsOfAnAddressAreNotShown() throws IOException {
        assertThat(new HttpCalls(new URL("https://ann:pass@example.org:8443/hook?key=1"), LIMITS, () -> 0))
                .hasToString("https://example.org:8443/hook");
    }

    @Test
    void onlyHttpAddressesAreAccepted() {
        for (String text : new String[] {"nowhere", "file:///etc/passwd", "ftp://example.org/"}) {
            assertThatThrownBy(() -> HttpCalls.address("webhook-url", text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("webhook-url: '" + text + "'");
        }
    }
}
