package dev.tutti.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.event.Event;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks to a real receiver, with a clock that runs twenty times as fast as others. */
@Timeout(60)
class WebhooksTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String NEW_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final int SPEED = 20;

    /** A request that the receiver has got, in the order of their arrival. */
    private record Received(String id, long seconds, String signature, String text, JsonObject body, int status) {
        String room() {
            return body.getJsonObject("data").getString("room", "");
        }

        long offset() {
            return body.getJsonObject("data").getJsonNumber("offset").longValue();
        }
    }

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(Webhooks.THREADS);
    private final ExecutorService serverThreads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final TimeSource time = new FastTime();
    private final Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", threads, 1, time);
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private Path secretFile;
    private @Nullable HttpServer receiver;
    private @Nullable Webhooks webhooks;
    /** The status of a response, by the number of the request. */
    private IntUnaryOperator status = request -> 204;

    private static final class FastTime implements TimeSource {
        private final long beganNanos = System.nanoTime();
        private final long beganMillis = System.currentTimeMillis();

        @Override
        public long nanos() {
            return (System.nanoTime() - beganNanos) * SPEED;
        }

        @Override
        public long millis() {
            return beganMillis + nanos() / 1_000_000;
        }
    }

    @BeforeEach
    void writeSecret() throws IOException {
        secretFile = directory.resolve("secret");
        Files.writeString(secretFile, SECRET);
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (webhooks != null) {
            webhooks.close(1_000);
        }
        if (receiver != null) {
            receiver.stop(0);
        }
        clock.shutdownNow();
        threads.shutdownNow();
        serverThreads.shutdownNow();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts a receiver on a port, which verifies no signature; 0 for any port. */
    private int receive(int port) throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        AtomicInteger requests = new AtomicInteger();
        started.createContext("/hook", exchange -> receive(exchange, requests.getAndIncrement()));
        started.setExecutor(serverThreads);
        started.start();
        receiver = started;
        return started.getAddress().getPort();
    }

    private void receive(HttpExchange exchange, int request) throws IOException {
        int code = status.applyAsInt(request);
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        received.add(new Received(
                exchange.getRequestHeaders().getFirst("webhook-id"),
                Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp")),
                exchange.getRequestHeaders().getFirst("webhook-signature"),
                body,
                Json.createReader(new StringReader(body)).readObject(),
                code));
        exchange.getResponseHeaders().set("Location", "/elsewhere");
        exchange.sendResponseHeaders(code, -1);
        exchange.close();
    }

    private Webhooks open(int port, Map<String, String> given) {
        Map<String, String> all = new HashMap<>(Map.of(
                "webhook-url",
                "http://127.0.0.1:" + port + "/hook",
                "webhook-secret-file",
                secretFile.toString(),
                "webhook-events",
                "*,publication"));
        all.putAll(given);
        WebhookTarget target = WebhookTarget.of(all::get).orElseThrow();
        Webhooks opened = Webhooks.open(target, directory, hub, time, threads, Runnable::run);
        var unused = clock.scheduleWithFixedDelay(opened::tick, 10, 10, TimeUnit.MILLISECONDS);
        webhooks = opened;
        return opened;
    }

    private Webhooks open(int port) {
        return open(port, Map.of());
    }

    private void publish(String room, long offset) {
        webhooks.post(new Event.Published(time.millis(), room, offset, null, null, "\"" + "a".repeat(1_000) + '"'));
    }

    private List<Received> delivered() {
        return received.stream().filter(one -> one.status() / 100 == 2).toList();
    }

    private Set<String> ids() {
        return received.stream().map(Received::id).collect(Collectors.toSet());
    }

    private void awaitDelivered(int count) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(delivered()).hasSizeGreaterThanOrEqualTo(count));
    }

    private List<Long> offsets(String room) {
        return delivered().stream()
                .filter(one -> one.room().equals(room))
                .map(Received::offset)
                .distinct()
                .toList();
    }

    private static List<Long> upTo(int count) {
        return LongStream.rangeClosed(1, count).boxed().toList();
    }

    @Test
    void eventsArriveInOrderWithSignatures() throws Exception {
        open(receive(0));
        for (int i = 1; i <= 100; i++) {
            publish("a", i);
            publish("b", i);
        }
        webhooks.post(new Event.DocumentStored(time.millis(), "plan"));
        awaitDelivered(201);

        assertThat(offsets("a")).isEqualTo(upTo(100));
        assertThat(offsets("b")).isEqualTo(upTo(100));
        assertThat(ids()).hasSize(201);
        WebhookSecrets secrets = WebhookSecrets.parse(SECRET);
        assertThat(received)
                .allSatisfy(one -> assertThat(one.signature())
                        .isEqualTo(
                                secrets.sign(one.id(), one.seconds(), one.text().getBytes(UTF_8))));
        await().until(() -> webhooks.counts().delivered() == 201);
        await().until(() -> webhooks.counts().queuedBytes() == 0);
    }

    @Test
    void receiverThatIsDownGetsEventsLater() throws Exception {
        int port = freePort();
        open(port);
        for (int i = 1; i <= 20; i++) {
            publish("a", i);
        }
        await().until(() -> webhooks.counts().failed() >= 2);
        receive(port);
        awaitDelivered(20);

        assertThat(offsets("a")).isEqualTo(upTo(20));
        assertThat(webhooks.counts().dropped()).isZero();
    }

    @Test
    void failuresKeepTheOrderOfEachRoom() throws Exception {
        status = request -> request % 3 == 1 ? 500 : 200;
        open(receive(0));
        for (int i = 1; i <= 15; i++) {
            publish("a", i);
            publish("b", i);
            publish("c", i);
        }
        awaitDelivered(45);

        for (String room : List.of("a", "b", "c")) {
            assertThat(offsets(room)).isEqualTo(upTo(15));
        }
        assertThat(webhooks.counts().failed()).isPositive();
    }

    @Test
    void redirectIsNotFollowed() throws Exception {
        status = request -> request == 0 ? 307 : 200;
        int port = receive(0);
        AtomicInteger elsewhere = new AtomicInteger();
        receiver.createContext("/elsewhere", exchange -> {
            elsewhere.incrementAndGet();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        open(port);
        publish("a", 1);
        awaitDelivered(1);

        assertThat(received).extracting(Received::status).startsWith(307).endsWith(200);
        assertThat(ids()).hasSize(1);
        assertThat(elsewhere).hasValue(0);
    }

    @Test
    void goneEndsTheSending() throws Exception {
        status = request -> 410;
        open(receive(0));
        publish("a", 1);
        await().until(() -> webhooks.counts().dropped() == 1);
        publish("a", 2);
        await().until(() -> webhooks.counts().dropped() == 2);

        assertThat(ids()).hasSize(1);
        assertThat(webhooks.counts().queuedBytes()).isZero();
    }

    @Test
    void newSecretsAreUsedWithoutRestart() throws Exception {
        open(receive(0));
        publish("a", 1);
        awaitDelivered(1);
        Files.writeString(secretFile, NEW_SECRET + "\n" + SECRET + "\n");
        AtomicInteger offset = new AtomicInteger(1);
        await().until(() -> {
            publish("a", offset.incrementAndGet());
            return received.get(received.size() - 1).signature().contains(" v1,");
        });

        assertThat(received.get(0).signature()).startsWith("v1,").doesNotContain(" ");
    }

    @Test
    void queueSurvivesARestart() throws Exception {
        int port = freePort();
        Webhooks before = open(port);
        for (int i = 1; i <= 20; i++) {
            publish("a", i);
        }
        await().until(() -> before.counts().failed() >= 1);
        before.close(1_000);
        receive(port);
        open(port);
        publish("a", 21);
        awaitDelivered(21);

        assertThat(offsets("a")).isEqualTo(upTo(21));
        assertThat(ids()).hasSize(21);
    }

    @Test
    void droppedEventsAreReportedToTheReceiver() throws Exception {
        int port = freePort();
        open(port, Map.of("webhook-queue-bytes", "65536"));
        for (int i = 1; i <= 200; i++) {
            publish("a", i);
        }
        await().until(() -> webhooks.counts().dropped() > 100);
        receive(port);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> delivered().stream()
                        .anyMatch(one -> one.body().getString("type").equals("events.dropped")));
        await().until(() -> webhooks.counts().queuedBytes() == 0);

        long published = delivered().stream()
                .filter(one -> one.body().getString("type").equals("publication"))
                .count();
        assertThat(offsets("a")).isEqualTo(upTo((int) published));
        assertThat(delivered().stream()
                        .filter(one -> one.body().getString("type").equals("events.dropped"))
                        .mapToInt(one -> one.body().getJsonObject("data").getInt("count"))
                        .sum())
                .isEqualTo((int) (200 - published));
    }

    /** Answers each connection in another wrong way, the last ones correctly. */
    @Test
    void lyingReceiverGetsEachEvent() throws Exception {
        Queue<String> answers = new ArrayDeque<>(List.of(
                "",
                "nonsense\r\n\r\n",
                "HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\nshort",
                "HTTP/1.1 503 Later\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"));
        AtomicInteger requests = new AtomicInteger();
        try (ServerSocket liar = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            serverThreads.execute(() -> {
                while (!liar.isClosed()) {
                    try (Socket socket = liar.accept()) {
                        requests.incrementAndGet();
                        readRequest(socket.getInputStream());
                        String answer = answers.poll();
                        socket.getOutputStream()
                                .write((answer == null ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nliar" : answer)
                                        .getBytes(UTF_8));
                    } catch (IOException e) {
                        // closed
                    }
                }
            });
            open(liar.getLocalPort());
            publish("a", 1);
            await().until(() -> webhooks.counts().delivered() == 1);
        }
        assertThat(requests.get()).isGreaterThanOrEqualTo(5);
        assertThat(webhooks.counts().failed()).isPositive();
    }

    @Test
    void endlessResponseCountsAsDelivered() throws Exception {
        try (ServerSocket endless = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            serverThreads.execute(() -> {
                try (Socket socket = endless.accept();
                        OutputStream out = socket.getOutputStream()) {
                    readRequest(socket.getInputStream());
                    out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
                    while (true) {
                        out.write(new byte[1_000]);
                    }
                } catch (IOException e) {
                    // the sender has closed it
                }
            });
            open(endless.getLocalPort());
            publish("a", 1);
            await().until(() -> webhooks.counts().delivered() == 1);
        }
    }

    @Test
    void silentReceiverFailsInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            open(silent.getLocalPort());
            publish("a", 1);
            await().until(() -> webhooks.counts().failed() >= 1); // 15 seconds of the fast clock
        }
    }

    /** Reads up to the end of the first JSON object. */
    private static void readRequest(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        int c = in.read();
        while (c >= 0 && !text.toString().endsWith("}}")) {
            text.append((char) c);
            c = text.toString().endsWith("}}") ? -1 : in.read();
        }
    }
}
