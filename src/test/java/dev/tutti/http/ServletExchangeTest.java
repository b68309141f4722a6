package dev.tutti.http;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServletExchangeTest {
    private static final int MAX_BYTES = 4;
    /** Of a chunked body. */
    private static final long UNKNOWN = -1;

    private final Input input = new Input();

    @Test
    void bodyEndsWithItsLastByte() throws Exception {
        CompletableFuture<byte[]> body = read(4);

        input.arrive(1, 2);
        assertThat(body).isNotDone();
        input.arrive(3, 4);

        assertThat(body.getNow(new byte[0])).containsExactly(1, 2, 3, 4);
    }

    /** GlassFish and Payara read from the connection again when they are asked, and lose the next request. */
    @Test
    void containerIsNotAskedAfterTheLastByte() throws Exception {
        CompletableFuture<byte[]> body = read(2);

        input.arrive(1);
        assertThat(input.unready).isEqualTo(1);
        input.arrive(2);
        input.arrive();

        assertThat(body).isDone();
        assertThat(input.unready).isEqualTo(1);
    }

    @Test
    void chunkedBodyEndsWhenTheContainerReportsIt() throws Exception {
        CompletableFuture<byte[]> body = read(UNKNOWN);

        input.arrive(1, 2);
        assertThat(body).isNotDone();
        input.listener().onAllDataRead();

        assertThat(body.getNow(new byte[0])).containsExactly(1, 2);
    }

    @Test
    void chunkedBodyEndsAtTheEndOfTheInput() throws Exception {
        CompletableFuture<byte[]> body = read(UNKNOWN);

        input.arrive(1, 2, -1);

        assertThat(body.getNow(new byte[0])).containsExactly(1, 2);
    }

    @Test
    void bodyThatIsTooLargeIsReadBeforeItIsRefused() throws Exception {
        CompletableFuture<byte[]> body = read(6);

        input.arrive(1, 2, 3, 4, 5);
        assertThat(body).isNotDone();
        input.arrive(6);

        assertThat(body)
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("the body has more than 4 bytes");
    }

    private CompletableFuture<byte[]> read(long contentLength) {
        HttpServletRequest request = (HttpServletRequest) Proxy.newProxyInstance(
                HttpServletRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, given) -> method.getName().equals("getInputStream") ? input : (Object) contentLength);
        return new ServletExchange(request).read(MAX_BYTES).toCompletableFuture();
    }

    /** An input to which bytes arrive in parts; -1 is its end. */
    private static final class Input extends ServletInputStream {
        private int[] arrived = {};
        private int next;
        /** How often the listener learned that nothing is ready. */
        private int unready;

        private @Nullable ReadListener listener;

        private void arrive(int... bytes) throws Exception {
            arrived = bytes;
            next = 0;
            listener().onDataAvailable();
        }

        private ReadListener listener() {
            return requireNonNull(listener);
        }

        @Override
        public boolean isReady() {
            if (next < arrived.length) {
                return true;
            }
            unready++;
            return false;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            int value = read();
            buffer[offset] = (byte) value;
            return Math.min(1, value);
        }

        @Override
        public int read() {
            return arrived[next++];
        }

        @Override
        public void setReadListener(ReadListener set) {
            listener = set;
        }

        @Override
        public boolean isFinished() {
            throw new AssertionError("true on some servers before the last byte was read");
        }
    }
}
