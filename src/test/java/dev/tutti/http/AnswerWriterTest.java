package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {
    private final Output output = new Output();
    private final List<String> calls = new ArrayList<>();
    private final AnswerWriter writer = new AnswerWriter(fake(AsyncContext.class), fake(HttpServletResponse.class));

    /** Returns a part of a container that notes what it is called with. */
    private <T> T fake(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    if (method.getName().equals("getOutputStream")) {
                        return output;
                    }
                    calls.add(method.getName() + (given == null ? "" : List.of(given)));
                    return null;
                }));
    }

    @Test
    void givingAnAnswerWritesNothing() {
        writer.send(new DocumentsApi.Answer(200, "{}"));

        assertThat(output.written.size()).isZero();
        assertThat(output.listener).isSameAs(writer);
        assertThat(calls).contains("setStatus[200]", "setContentLength[2]").doesNotContain("complete");
    }

    @Test
    void answerIsWrittenWhenTheClientHasRoom() throws Exception {
        writer.send(new DocumentsApi.Answer(200, "{}"));

        writer.onWritePossible();
        assertThat(output.written.size()).isZero();
        output.room = 1;
        writer.onWritePossible();
        assertThat(output.written.toString(UTF_8)).isEqualTo("{}");
        assertThat(calls).doesNotContain("complete");
        output.room = 1;
        writer.onWritePossible();

        assertThat(output.written.toString(UTF_8)).isEqualTo("{}");
        assertThat(calls).containsOnlyOnce("complete");
    }

    @Test
    void answerAfterTheTimeoutIsDropped() {
        writer.onTimeout(null);
        writer.send(new DocumentsApi.Answer(200, "{}"));

        assertThat(calls).containsExactly("setStatus[503]", "complete");
    }

    /** An output that is ready as often as the test says. */
    private static final class Output extends ServletOutputStream {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private int room;
        private @Nullable WriteListener listener;

        @Override
        public boolean isReady() {
            return room-- > 0;
        }

        @Override
        public void setWriteListener(WriteListener set) {
            listener = set;
        }

        @Override
        public void write(int b) {
            written.write(b);
        }
    }
}
