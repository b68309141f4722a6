package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import dev.tutti.endpoint.Services;
import dev.tutti.endpoint.SessionRegistry;
import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.FakeTokens;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contract of {@link Transport} for every implementation. */
@Timeout(30)
abstract class TransportContract {
    private static final int PING = 9;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService closing = Executors.newCachedThreadPool();
    private final BlockingQueue<Transport> opened = new ArrayBlockingQueue<>(1);
    private TestServer server;

    /** Creates the transport of a session, on the thread that opens it. */
    abstract Transport make(Session session, Executor closing, ScheduledExecutorService clock);

    @BeforeEach
    void start() throws IOException {
        server = TestServer.start(Map.of());
        Tutti tutti = Tutti.current();
        SessionRegistry.serve(new Services(
                tutti.parts().hub(),
                tutti.parts().documents(),
                tutti.parts().hocuspocus(),
                FakeTokens.NONE,
                session -> {
                    Transport transport = make(session, closing, clock);
                    opened.add(transport);
                    return transport;
                }));
    }

    @AfterEach
    void stop() {
        server.close();
        closing.shutdownNow();
        clock.shutdownNow();
    }

    private Transport transport() throws InterruptedException {
        return Objects.requireNonNull(opened.poll(10, TimeUnit.SECONDS));
    }

    private static Batch batch(String... texts) {
        return Batch.of(List.of(texts).stream().map(Frame::text).toList());
    }

    /** Sends a whole batch; fails if a send fails. */
    private static void send(Transport transport, Batch batch) throws Exception {
        for (int at = 0; at < batch.size(); ) {
            CompletableFuture<String> ended = new CompletableFuture<>();
            int next = transport.send(batch, at, failure -> ended.complete(String.valueOf(failure)));
            assertThat(next).isGreaterThan(at);
            assertThat(ended.get(10, TimeUnit.SECONDS)).isEqualTo("null");
            at = next;
        }
    }

    @Test
    void framesArriveInOrder() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            Transport transport = transport();
            String large = "x".repeat(70_000);
            String medium = "\u00e9".repeat(100);

            send(transport, batch("a", "", medium, large));
            send(transport, batch("b"));

            for (String expected : List.of("a", "", medium, large, "b")) {
                assertThat(peer.frame().text()).isEqualTo(expected);
            }
        }
    }

    @Test
    void successIsReportedOnce() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            Transport transport = transport();
            AtomicInteger reports = new AtomicInteger();

            transport.send(batch("a"), 0, failure -> reports.incrementAndGet());
            assertThat(peer.frame().text()).isEqualTo("a");
            await().until(() -> reports.get() > 0);
            send(transport, batch("b"));
            assertThat(peer.frame().text()).isEqualTo("b");

            assertThat(reports).hasValue(1);
        }
    }

    @Test
    void closeFollowsQueuedFrames() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            Transport transport = transport();

            send(transport, batch("last words"));
            transport.close(CloseCode.TRY_LATER, "why");
            transport.close(CloseCode.INTERNAL, "only the first call counts");

            assertThat(peer.frame().text()).isEqualTo("last words");
            Peer.Frame close = peer.closeFrame();
            assertThat(close.code()).isEqualTo(CloseCode.TRY_LATER.code());
            assertThat(close.reason()).isEqualTo("why");
        }
    }

    @Test
    void pingReachesPeer() throws Exception {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            CompletableFuture<Void> handedOver = new CompletableFuture<>();
            transport().ping(() -> handedOver.complete(null));

            assertThat(peer.frame().opcode()).isEqualTo(PING);
            handedOver.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void sendToClosedPeerFails() throws Exception {
        Peer peer = Peer.open(server.port(), "/ws");
        Transport transport = transport();
        peer.close();
        await().until(() -> server.clients() == 0);

        await().until(() -> {
            CompletableFuture<Boolean> failed = new CompletableFuture<>();
            transport.send(batch("anybody?"), 0, failure -> failed.complete(failure != null));
            return failed.get(10, TimeUnit.SECONDS);
        });
    }

    @Test
    void sendNeverBlocks() throws Exception {
        Peer peer = Peer.connect(server.port(), 2048);
        peer.upgrade("/ws");
        Transport transport = transport();
        AtomicInteger reports = new AtomicInteger();

        // One frame larger than the sockets' buffers: the call must return with the send in flight.
        transport.send(batch("x".repeat(32 << 20)), 0, failure -> reports.incrementAndGet());
        assertThat(reports).hasValue(0);
        transport.close(CloseCode.TRY_LATER, "too slow");

        peer.close();
        await().until(() -> server.clients() == 0);
    }
}
