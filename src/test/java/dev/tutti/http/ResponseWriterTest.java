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

class ResponseWriterTest {
    /** Longer than a container's buffer. */
    private static final String TEXT = "x".repeat(ResponseWriter.MAX_BUFFERED_BYTES);

    private static final String BODY = "{\"text\":\"" + TEXT + "\"}";
    private static final ApiResponse RESPONSE = ApiResponse.ok(new Page(TEXT));

    private record Page(String text) {}

    /** A record without components, which is written as {@code {}}. */
    private record Nothing() {}

    private int ended;
    private final Output output = new Output();
    private final List<String> calls = new ArrayList<>();
    private final ResponseWriter writer =
            new ResponseWriter(fake(AsyncContext.class), fake(HttpServletResponse.class), () -> ended++);

    /** Returns a part of a container that records the calls of its methods. */
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
    void shortBodyIsWrittenAtOnce() {
        writer.send(ApiResponse.ok(new Nothing()));

        assertThat(output.written.toString(UTF_8)).isEqualTo("{}");
        assertThat(output.listener).isNull();
        assertThat(calls).contains("setStatus[200]", "setContentLength[2]").containsOnlyOnce("complete");
    }

    @Test
    void sendWritesNothingOfALongBody() {
        writer.send(RESPONSE);

        assertThat(output.written.size()).isZero();
        assertThat(output.listener).isSameAs(writer);
        assertThat(calls)
                .contains("setStatus[200]", "setContentLength[" + BODY.length() + "]")
                .doesNotContain("complete");
    }

    @Test
    void longBodyIsWrittenWhenTheClientHasRoom() throws Exception {
        writer.send(RESPONSE);

        writer.onWritePossible();
        assertThat(output.written.size()).isZero();
        output.room = 1;
        writer.onWritePossible();
        assertThat(output.written.toString(UTF_8)).isEqualTo(BODY);
        assertThat(calls).doesNotContain("complete");
        output.room = 1;
        writer.onWritePossible();

        assertThat(output.written.toString(UTF_8)).isEqualTo(BODY);
        assertThat(calls).containsOnlyOnce("complete");
    }

    @Test
    void responseAfterTheTimeoutIsDropped() {
        writer.onTimeout(null);
        writer.send(RESPONSE);

        assertThat(calls).containsExactly("setStatus[503]", "complete");
    }

    @Test
    void endIsReportedWhenTheContainerCompletes() {
        writer.send(RESPONSE);
        assertThat(ended).isZero();
        writer.onComplete(null);

        assertThat(ended).isEqualTo(1);
    }

    /** An output that is ready {@link #room} times. */
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
