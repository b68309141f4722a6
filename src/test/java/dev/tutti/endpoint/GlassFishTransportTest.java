package dev.tutti.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.TimeSource;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.Writer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GlassFishTransportTest {
    private static final Frame TEXT = Frame.text("text");
    private static final Frame BINARY = Frame.binary(new byte[] {1});

    /** A ninth of what makes a ping due. */
    private static final Frame LONG = Frame.text("x".repeat(1_000));

    /** The calls of Jakarta's API, in their order. */
    private final List<String> calls = new ArrayList<>();

    private final List<ByteBuffer> pings = new ArrayList<>();
    private final List<@Nullable Throwable> completions = new ArrayList<>();
    private boolean isOpen = true;

    private final Session session = session();
    private final GlassFishTransport transport = new GlassFishTransport(
            session,
            new SessionTransport(session, Runnable::run, new PendingCloses(Runnable::run)),
            TimeSource.SYSTEM,
            new Random(15));

    private Session session() {
        Map<String, Object> properties = new HashMap<>();
        RemoteEndpoint.Basic basic =
                fake(RemoteEndpoint.Basic.class, (proxy, method, given) -> new RecordingWriter(calls));
        RemoteEndpoint.Async async = fake(RemoteEndpoint.Async.class, (proxy, method, given) -> {
            if (method.getName().equals("sendPing")) {
                calls.add("ping");
                pings.add((ByteBuffer) given[0]);
            } else {
                calls.add(method.getName());
                ((SendHandler) given[1]).onResult(new SendResult());
            }
            return null;
        });
        return fake(Session.class, (proxy, method, given) -> switch (method.getName()) {
            case "getUserProperties" -> properties;
            case "getBasicRemote" -> open(basic);
            case "getAsyncRemote" -> open(async);
            case "getId" -> "session";
            case "close" -> calls.add("close");
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private <T> T open(T remote) {
        if (!isOpen) {
            throw new IllegalStateException("closed");
        }
        return remote;
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Records each write, which Tyrus would send as a frame, and the close. */
    private static final class RecordingWriter extends Writer {
        private final List<String> calls;

        RecordingWriter(List<String> calls) {
            this.calls = calls;
        }

        @Override
        public void write(char[] text, int from, int length) {
            calls.add("write " + length);
        }

        @Override
        public void flush() {
            calls.add("flush");
        }

        @Override
        public void close() throws IOException {
            calls.add("end");
        }
    }

    private int send(int from, Frame... frames) {
        return transport.send(Batch.of(List.of(frames)), from, completions::add);
    }

    /** Makes the first send, and forgets it. */
    private void begin() {
        assertThat(send(0, TEXT)).isEqualTo(1);
        calls.clear();
        completions.clear();
    }

    private void fillHalfOfWindow() {
        for (int i = 0; i < 9; i++) {
            send(0, LONG);
        }
    }

    /** Only its failure reports a connection that ended during the handshake. */
    @Test
    void firstSendIsAsynchronous() {
        assertThat(send(0, TEXT, TEXT)).isEqualTo(1);

        assertThat(calls).containsExactly("sendText");
        assertThat(completions).containsOnlyNulls().hasSize(1);
    }

    @Test
    void eachTextIsOneWrite() {
        begin();

        assertThat(send(0, TEXT, LONG)).isEqualTo(2);

        assertThat(calls).containsExactly("write 4", "end", "write 1000", "end");
        assertThat(completions).containsOnlyNulls().hasSize(1);
    }

    @Test
    void binaryIsSentAsynchronously() {
        begin();

        assertThat(send(0, TEXT, BINARY)).isEqualTo(1);
        assertThat(send(1, TEXT, BINARY)).isEqualTo(2);

        assertThat(calls).containsExactly("write 4", "end", "sendBinary");
        assertThat(completions).containsOnlyNulls().hasSize(2);
    }

    @Test
    void pingFollowsWhenHalfOfWindowIsUnread() {
        begin();

        fillHalfOfWindow();
        send(0, TEXT);

        assertThat(calls.subList(calls.size() - 4, calls.size())).containsExactly("end", "ping", "write 4", "end");
        assertThat(pings).hasSize(1);
    }

    @Test
    void fullWindowSendsAsynchronouslyUntilPong() {
        begin();
        fillHalfOfWindow();
        fillHalfOfWindow();
        assertThat(calls).endsWith("sendText", "sendText");

        transport.pong(pings.get(0));
        send(0, TEXT);

        assertThat(calls).endsWith("write 4", "end", "ping");
    }

    /** Fills the queue after {@link #begin}: the last send does not end. */
    private void fillQueue() {
        for (int i = 0; i < GlassFishTransport.MAX_QUEUED_BYTES / (8 * 1024) - 1; i++) {
            assertThat(completions).as("ends of earlier sends").hasSize(i);
            send(0, BINARY);
        }
    }

    @Test
    void sendEndsWhenPeerHasReadWhatIsQueued() {
        begin();
        fillQueue();
        int held = completions.size();
        assertThat(pings).as("the first follows half of the queue").hasSize(1);

        transport.pong(pings.get(0));

        assertThat(completions).containsOnlyNulls().hasSize(held + 1);
        send(0, BINARY);
        assertThat(completions).hasSize(held + 2);
    }

    @Test
    void sendWaitsForAnotherPongIfTooMuchIsQueued() {
        begin();
        Frame large = Frame.binary(new byte[GlassFishTransport.MAX_QUEUED_BYTES]);
        send(0, large);
        assertThat(completions).isEmpty();
        assertThat(pings).hasSize(1);

        transport.pong(ByteBuffer.allocate(8));
        assertThat(completions).as("another pong").isEmpty();
        transport.pong(pings.get(0));

        assertThat(completions).containsOnlyNulls().hasSize(1);
    }

    @Test
    void sendOnClosedSessionFails() {
        begin();
        isOpen = false;

        assertThat(send(0, TEXT)).isEqualTo(1);

        assertThat(completions).hasSize(1).doesNotContainNull();
        assertThat(calls).isEmpty();
    }

    @Test
    void closeIsOfTheSession() {
        transport.close(CloseCode.GOING_AWAY, "");
        transport.close(CloseCode.GOING_AWAY, "");

        assertThat(calls).containsExactly("close");
    }
}
