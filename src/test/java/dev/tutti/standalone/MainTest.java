package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void theAddressShownIsOneToTypeIntoABrowser() {
        assertThat(Main.address("0.0.0.0", 8000)).isEqualTo("http://localhost:8000");
        assertThat(Main.address("::", 8000)).isEqualTo("http://localhost:8000");
        assertThat(Main.address("::1", 8000)).isEqualTo("http://[::1]:8000");
        assertThat(Main.address("127.0.0.1", 1)).isEqualTo("http://127.0.0.1:1");
    }
}
