package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.settings.InvalidSettingsException;
import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebApplicationTest {
    /** Returns a context that has these parameters and nothing else. */
    private static ServletContext context(Map<String, String> parameters) {
        return (ServletContext) Proxy.newProxyInstance(
                WebApplicationTest.class.getClassLoader(),
                new Class<?>[] {ServletContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getInitParameterNames" -> Collections.enumeration(parameters.keySet());
                    case "getInitParameter" -> parameters.get((String) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Test
    void invalidParametersEndTheStart() {
        ServletContext context = context(Map.of(
                "tutti.max-room", "5",
                "tutti.max-rooms", "many",
                "tutti.access", "token",
                "another.parameter", "x"));

        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> new WebApplication().onStartup(null, context))
                .satisfies(e -> assertThat(e.faults())
                        .containsExactly(
                                "unknown context parameter 'tutti.max-room': did you mean tutti.max-rooms?",
                                "max-rooms: 'many' is not a whole number from 0 to 2147483647"
                                        + " (context parameter tutti.max-rooms)",
                                "access: token needs the setting jwt-keys or, for development, jwt-secret; one of them"
                                        + " (context parameter tutti.access)"));
    }
}
