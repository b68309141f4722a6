package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
    private static Origins origins(String listed) {
        return Origins.of(new Origins.Options(listed));
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8000, localhost:8000",
        "http://example.org, example.org",
        "http://example.org, example.org:80",
        "https://example.org, example.org", // behind a proxy that ends TLS
        "https://example.org, example.org:443",
        "HTTPS://Example.ORG, example.org",
        "http://127.0.0.1:8000, 127.0.0.1:8000",
        "http://[::1]:8000, [::1]:8000",
        "http://my_container:8000, my_container:8000",
    })
    void pageOfTheSameOriginConnects(String origin, String host) {
        assertThat(origins("").allow(origin, host)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, localhost:8000",
        "http://localhost, localhost:8000",
        "http://localhost:8001, localhost:8000",
        "http://localhost.evil.example:8000, localhost:8000",
        "http://evil.example#localhost:8000, localhost:8000",
        "http://localhost:8000@evil.example, localhost:8000",
        "http://localhost:8000/, localhost:8000",
        "http://, localhost",
        "localhost:8000, localhost:8000",
        "null, localhost:8000", // of a sandboxed frame or a local file
        "'', localhost:8000",
        "http://localhost:8000,",
    })
    void pageOfAnotherOriginIsRefused(String origin, String host) {
        assertThat(origins("").allow(origin, host)).isFalse();
        assertThat(origins("https://www.example.org").allow(origin, host)).isFalse();
    }

    @Test
    void programWithoutOriginConnects() {
        assertThat(origins("").allow(null, "localhost:8000")).isTrue();
        assertThat(origins("").allow(null, null)).isTrue();
    }

    @Test
    void listedPageConnects() {
        Origins origins = origins(" https://www.example.org , http://my_app:3000,capacitor://localhost,, ");
        for (String listed : new String[] {
            "https://www.example.org", "https://WWW.example.org:443", "http://my_app:3000", "capacitor://localhost"
        }) {
            assertThat(origins.allow(listed, "tutti.example.org")).as(listed).isTrue();
        }
        for (String other : new String[] {"http://www.example.org", "https://example.org", "http://my_app"}) {
            assertThat(origins.allow(other, "tutti.example.org")).as(other).isFalse();
        }
    }

    @Test
    void starAllowsEveryPage() {
        assertThat(origins("https://www.example.org, *").allow("http://evil.example", "localhost"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "https://", "https://example.org/", "https://a b", "https://example.org:x"})
    void malformedOriginIsAnInvalidSetting(String listed) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> origins("https://www.example.org," + listed))
                .withMessageStartingWith("origins: '" + listed + "' is not an origin such as https://");
    }
}
