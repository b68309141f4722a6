package dev.tutti.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTest {
    private final Logger logger = Logger.getLogger(Refusals.class.getName());
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(MessageFormat.format(line.getMessage(), line.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private long nanos = -5_000_000_000L;

    @BeforeEach
    void capture() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void release() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    private Gate gate(String origins, String hosts) {
        return new Gate(
                new Gate.Options(Ways.valueOf("open,token"), false, 100, Hosts.valueOf(hosts)),
                Origins.of(new Origins.Options(origins)),
                token -> {
                    throw UnauthenticatedException.needsToken("the token's signature is wrong");
                },
                null,
                () -> nanos);
    }

    private static void refuse(Gate gate, String... headers) {
        Map<String, List<String>> all = new HashMap<>(Map.of("Host", List.of("tutti.example.org")));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], List.of(headers[i + 1]));
        }
        try {
            gate.admit(Caller.of("192.0.2.1", name -> all.getOrDefault(name, List.of()), null, null));
            throw new AssertionError("not refused");
        } catch (ForbiddenException | UnauthenticatedException e) {
            // as expected
        }
    }

    private void tick(Gate gate) {
        gate.tick(Runnable::run);
    }

    @ParameterizedTest
    @CsvSource({
        "'', http://localhost:5173, --origins=http://localhost:5173 ",
        "'', https://App.Example.org, --origins=https://app.example.org ",
        "'http://a.example, https://b.example:8443', http://localhost:5173, '--origins=http://a.example,https://b.example:8443,http://localhost:5173 '",
        "'', null, --origins=* ",
        "'', http://evil\u0007\u001b[31m, --origins=* ",
    })
    void foreignOriginIsLoggedWithTheSettingThatAllowsIt(String origins, String origin, String setting) {
        Gate gate = gate(origins, "");
        refuse(gate, "Origin", origin);
        tick(gate);

        assertThat(lines).hasSize(1);
        assertThat(lines.get(0)).contains("1 × ", setting, "192.0.2.1").doesNotContain("\u001b");
    }

    /** The setting in the line is the one that lets the page in. */
    @Test
    void loggedSettingLetsThePageIn() {
        Gate gate = gate("http://a.example", "");
        refuse(gate, "Origin", "http://localhost:5173");
        tick(gate);
        String setting = lines.get(0).replaceFirst(".*--origins=(\\S+) .*", "$1");

        Map<String, List<String>> headers =
                Map.of("Host", List.of("tutti.example.org"), "Origin", List.of("http://localhost:5173"));
        assertThat(gate(setting, "")
                        .admit(Caller.of("192.0.2.1", name -> headers.getOrDefault(name, List.of()), null, null)))
                .isEqualTo(Identity.visitor(Way.OPEN));
    }

    @Test
    void otherHostIsLoggedWithTheSettingThatAllowsIt() {
        Gate gate = gate("", "a.example");
        refuse(gate);
        tick(gate);

        assertThat(lines.get(0)).contains("--allowed-hosts=a.example,tutti.example.org ");
    }

    @Test
    void failedTokensAreOneLineAMinuteWithTheirReason() {
        Gate gate = gate("", "");
        for (int i = 0; i < 50; i++) {
            refuse(gate, "Authorization", "Bearer secret-" + i);
        }
        tick(gate);
        tick(gate);
        refuse(gate, "Authorization", "Bearer secret");
        nanos += Refusals.LOG_NANOS - 1;
        tick(gate);
        assertThat(lines).containsExactly("refused: 50 × the token's signature is wrong; the last from 192.0.2.1");

        nanos++;
        tick(gate);

        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).startsWith("refused: 1 × the token's signature is wrong");
        nanos += Refusals.LOG_NANOS;
        tick(gate);
        assertThat(lines).hasSize(2);
    }

    @Test
    void inventedReasonsAreBounded() {
        Gate gate = gate("", "");
        for (int i = 0; i < 100; i++) {
            refuse(gate, "Origin", "http://o" + i + ".example");
        }
        tick(gate);

        assertThat(lines.get(0)).contains("o9.example", "90 × other reasons").doesNotContain("o10.example");
    }
}
