package dev.tutti.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import dev.tutti.security.Resource;
import dev.tutti.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpPolicyTest {
    private static final Question QUESTION = new Question("Ann \"B\"", Set.of("blue"), Resource.room("garden"));

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer application;
    private int status = 200;
    private String answer = "{\"may\":[\"read\",\"write\"]}";

    @BeforeEach
    void start() throws IOException {
        application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/may", this::answer);
        application.start();
    }

    @AfterEach
    void stop() {
        application.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestMethod() + " "
                + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        exchange.getResponseHeaders().set("Location", "/may?elsewhere");
        byte[] body = answer.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static HttpPolicy policy(String address) {
        Map<String, String> settings = Map.of("access-url", address, "access-answer-seconds", "1");
        return new HttpPolicy(Settings.read(PolicyOptions.class, settings::get), System::nanoTime);
    }

    private HttpPolicy policy() {
        return policy("http://127.0.0.1:" + application.getAddress().getPort() + "/may");
    }

    private static Throwable failure(HttpPolicy policy) {
        try {
            policy.decide(QUESTION).toCompletableFuture().join();
            throw new AssertionError("answered");
        } catch (CompletionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }

    @Test
    void questionAndAnswerAreJson() {
        assertThat(policy().decide(QUESTION).toCompletableFuture().join())
                .containsExactlyInAnyOrder(Action.READ, Action.WRITE);
        assertThat(asked)
                .containsExactly(
                        "POST {\"user\":\"Ann \\\"B\\\"\",\"roles\":[\"blue\"],\"kind\":\"room\",\"name\":\"garden\"}");
    }

    @Test
    void emptyAnswerGrantsNothing() {
        answer = "{\"may\":[]}";

        assertThat(policy().decide(QUESTION).toCompletableFuture().join()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "read",
                "[]",
                "{}",
                "{\"may\":\"read\"}",
                "{\"may\":[\"read\",\"everything\"]}",
                "{\"may\":[\"READ\"]}",
                "{\"may\":[1]}",
                "{\"may\":null}"
            })
    void anythingElseFails(String text) {
        answer = text;

        assertThat(failure(policy())).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 301, 302, 307, 308, 401, 403, 404, 500})
    void otherStatusFailsAndNoRedirectIsFollowed(int other) {
        status = other;
        answer = "";

        assertThat(failure(policy())).isInstanceOf(IOException.class).hasMessageContaining("status " + other);
        assertThat(asked).hasSize(1);
    }

    @Test
    void longAnswerFails() {
        answer = "{\"may\":[]}" + " ".repeat(5_000);

        assertThat(failure(policy())).hasMessageContaining("more than 4096 bytes");
    }

    @Test
    void serverThatIsAwayFails() {
        HttpPolicy policy = policy();
        application.stop(0);

        assertThat(failure(policy)).isInstanceOf(IOException.class);
    }

    @Test
    void silentServerFailsInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(failure(policy("http://127.0.0.1:" + silent.getLocalPort() + "/")))
                    .hasMessageContaining("timed out");
        }
    }

    @Test
    void answerByteByByteIsAborted() throws Exception {
        AtomicLong nanos = new AtomicLong();
        AtomicBoolean isTrickling = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (ServerSocket trickling = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> server = CompletableFuture.runAsync(() -> trickle(trickling, isTrickling), threads);
            Map<String, String> settings = Map.of("access-url", "http://127.0.0.1:" + trickling.getLocalPort() + "/");
            HttpPolicy policy = new HttpPolicy(Settings.read(PolicyOptions.class, settings::get), nanos::get);
            CompletableFuture<Set<Action>> answered = CompletableFuture.supplyAsync(
                    () -> policy.decide(QUESTION).toCompletableFuture().join(), threads);
            await().until(isTrickling::get);
            policy.abortLate();
            assertThat(answered).isNotDone();
            nanos.addAndGet(2_000_000_000L);
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                policy.abortLate();
                return answered.isDone();
            });
            assertThatThrownBy(answered::get).isInstanceOf(ExecutionException.class);
            server.get(10, TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void stopEndsCallsAndRefusesLaterOnes() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(1);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> settings = Map.of(
                    "access-url", "http://127.0.0.1:" + silent.getLocalPort() + "/", "access-answer-seconds", "30");
            HttpPolicy policy = new HttpPolicy(Settings.read(PolicyOptions.class, settings::get), System::nanoTime);
            CompletableFuture<Throwable> failed = CompletableFuture.supplyAsync(() -> failure(policy), threads);
            try (Socket asked = silent.accept()) {
                assertThat(asked.getInputStream().read()).isEqualTo('P');
                policy.stop();
                assertThat(failed.get(10, TimeUnit.SECONDS)).isInstanceOf(Exception.class);
            }
            assertThat(failure(policy)).hasMessage("the server stops");
        } finally {
            threads.shutdownNow();
        }
    }

    /** Sends a header that never ends, until the client is gone. */
    private static void trickle(ServerSocket listener, AtomicBoolean isTrickling) {
        try (Socket client = listener.accept()) {
            client.getOutputStream().write("HTTP/1.1 200 OK\r\nX: ".getBytes(UTF_8));
            while (true) {
                client.getOutputStream().write('a');
                client.getOutputStream().flush();
                isTrickling.set(true);
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (IOException e) {
            // the client is gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nowhere", "file:///etc/passwd", "ftp://example.org/may", "jar:file:///a.jar!/b"})
    void onlyHttpAddressesAreAccepted(String address) {
        assertThatThrownBy(() -> policy(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("access-url: '" + address + "'");
    }
}
