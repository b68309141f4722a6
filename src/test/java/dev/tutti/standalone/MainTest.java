package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.ServerOptions;
import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void printedAddressWorksInABrowser() {
        assertThat(address("0.0.0.0", 8000)).isEqualTo("http://localhost:8000");
        assertThat(address("::", 8000)).isEqualTo("http://localhost:8000");
        assertThat(address("::1", 8000)).isEqualTo("http://[::1]:8000");
        assertThat(address("127.0.0.1", 1)).isEqualTo("http://127.0.0.1:1");
        assertThat(Main.address(new ServerOptions("127.0.0.1", 0, "", "cert.pem", "key.pem"), 443))
                .isEqualTo("https://127.0.0.1:443");
    }

    private static String address(String host, int port) {
        return Main.address(new ServerOptions(host, 0, ""), port);
    }
}
