package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.AllSettings;
import dev.tutti.WarProcess;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoredUpdate;
import dev.tutti.settings.Settings;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code java -jar tutti.war} as a process: start, pages, stop. */
class RunnableWarIT {
    static final String HOST = "127.0.0.1";
    private static final String[] ANY_PORT = {"--host", HOST, "--port", "0"};

    private static final String HANDSHAKE = """
            GET /ws HTTP/1.1
            Host: 127.0.0.1
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

            """.replace("\n", "\r\n");

    @TempDir
    static Path cache;

    private static final HttpClient http = HttpClient.newHttpClient();
    private static WarProcess shared;

    @BeforeAll
    static void startServer() throws IOException {
        shared = WarProcess.start(cache, Map.of(), ANY_PORT);
        shared.awaitPort();
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        shared.terminate();
        shared.awaitExit();
        assertThat(shared.out()).as("one line, with the address").hasSize(1);
        assertThat(shared.err()).isEmpty();
    }

    // ---- Start

    @Test
    void takenPortExitsWith1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String number = Integer.toString(taken.getLocalPort());
            assertThat(failure(1, Map.of(), "--host", HOST, "--port", number))
                    .startsWith("tutti: cannot listen on 127.0.0.1 port " + number);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, cannot listen on 192.0.2.1 port 0", // reserved for documentation (RFC 5737)
        "1:2, cannot listen on 1:2 port 0",
    })
    void foreignAddressExitsWith1(String host, String message) throws Exception {
        assertThat(failure(1, Map.of(), "--host", host, "--port", "0")).startsWith("tutti: " + message);
    }

    @Test
    void unreadablePagesExitWith1() throws Exception {
        assertThat(failure(1, Map.of(), "--host", HOST, "--port", "0", "--webapp", "/no/such/pages"))
                .contains("cannot read the web pages in /no/such/pages");
    }

    @Test
    void unwritableCacheExitsWith1() throws Exception {
        Path file = Files.createFile(cache.resolve("a-file"));
        assertThat(failure(1, Map.of("XDG_CACHE_HOME", file.toString()), ANY_PORT))
                .contains("cannot unpack", file.toString(), "XDG_CACHE_HOME");
    }

    /** The commands of docs/operations.md. */
    @Test
    void unpackedServerHasAClassArchive(@TempDir Path directory) throws Exception {
        Path unpacked = directory.resolve("unpacked");
        Path archive = directory.resolve("tutti.jsa");
        try (WarProcess unpack = WarProcess.start(cache, Map.of(), "--unpack", unpacked.toString())) {
            assertThat(unpack.awaitExit()).as("%s", unpack.err()).isZero();
        }
        String options = "@" + unpacked.resolve("options");
        try (WarProcess first = WarProcess.startJava(
                cache, "-XX:ArchiveClassesAtExit=" + archive, options, "--host", HOST, "--port", "0")) {
            first.awaitPort();
            first.terminate();
            first.awaitExit();
        }
        Path log = directory.resolve("classes");
        try (WarProcess second = WarProcess.startJava(
                cache,
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load:file=" + log,
                options,
                "--host",
                HOST,
                "--port",
                "0")) {
            HttpRequest page = HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + second.awaitPort() + "/"))
                    .build();
            assertThat(http.send(page, BodyHandlers.ofString()).body()).contains("Tutti");
        }
        try (Stream<String> classes = Files.lines(log)) {
            assertThat(classes.filter(line -> line.contains(" dev.tutti.standalone.Main ")))
                    .singleElement()
                    .asString()
                    .contains("shared objects file");
        }
        assertThat(failure(1, Map.of(), "--unpack", unpacked.toString())).contains("which must be a new directory");
    }

    @ParameterizedTest
    @CsvSource({
        "--nonsense, unknown option '--nonsense'",
        "8000, unknown option '8000'",
        "--max-room=5, unknown option '--max-room': did you mean --max-rooms?",
        "--port, option --port requires a value",
        "--port=x, port: 'x' is not a whole number from 0 to 65535",
        "--port=65536, port: '65536' is not a whole number from 0 to 65535",
        "--max-message-bytes=-1, max-message-bytes: '-1' is not a whole number from 0",
        "--origins=example.org, origins: 'example.org' is not an origin",
    })
    void invalidOptionExitsWith2(String option, String message) throws Exception {
        assertThat(failure(2, Map.of(), "--host", HOST, option)).startsWith("tutti: " + message);
    }

    @Test
    void invalidVariableExitsWith2() throws Exception {
        assertThat(failure(2, Map.of("TUTTI_PORT", "eight"), "--host", HOST))
                .startsWith("tutti: port: 'eight' is not a whole number");
    }

    @Test
    void allFaultsAreReportedAtOnce(@TempDir Path directory) throws Exception {
        Path config = Files.writeString(directory.resolve("tutti.properties"), "max-room = 5\naccess = tokens\n");
        Map<String, String> environment = Map.of("TUTTI_PORT", "eight", "TUTTI_MAX_ROOM", "5");
        try (WarProcess process = WarProcess.start(
                cache, environment, "--hots", HOST, "--config", config.toString(), "--sign-in-url=nowhere")) {
            assertThat(process.awaitExit()).isEqualTo(2);
            assertThat(process.out()).isEmpty();
            assertThat(process.err())
                    .containsExactly(
                            "tutti: unknown option '--hots': did you mean --host?",
                            "tutti: unknown variable 'TUTTI_MAX_ROOM': did you mean TUTTI_MAX_ROOMS?",
                            "tutti: unknown setting 'max-room' in " + config + ": did you mean max-rooms?",
                            "tutti: port: 'eight' is not a whole number from 0 to 65535 (TUTTI_PORT)",
                            "tutti: access: 'tokens' is none of local, open, container, token (" + config + ")",
                            "tutti: sign-in-url: not an http address or a path: nowhere (--sign-in-url)");
        }
    }

    @Test
    void settingsArePrintedWithTheirPlaces(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "0123456789abcdef0123456789abcdef\n");
        Path config = Files.writeString(
                directory.resolve("tutti.properties"),
                "port = 1\nmax-rooms = 7\naccess = token\njwt-secret-file = " + secret + "\n");
        Map<String, String> environment = Map.of("TUTTI_PORT", "2", "TUTTI_DATABASE_PASSWORD", "hunter2");
        try (WarProcess process =
                WarProcess.start(cache, environment, "--print-settings", "--config", config.toString(), "--host=::1")) {
            assertThat(process.awaitExit()).as("%s", process.err()).isZero();
            assertThat(process.err()).isEmpty();
            assertThat(process.out())
                    .contains(
                            "host = ::1 (--host)",
                            "port = 2 (TUTTI_PORT)",
                            "max-rooms = 7 (" + config + ")",
                            "jwt-secret = (hidden) (" + config + ")",
                            "database-password = (hidden) (TUTTI_DATABASE_PASSWORD)",
                            "ping-seconds = 25 (default)");
            assertThat(process.out())
                    .extracting(line -> line.replaceFirst(" = .*", ""))
                    .containsExactlyElementsOf(AllSettings.TYPES.stream()
                            .flatMap(type -> Settings.names(type).stream())
                            .toList());
        }
    }

    @Test
    void optionsOverrideVariables() throws Exception {
        Map<String, String> environment =
                Map.of("TUTTI_HOST", HOST, "TUTTI_PORT", "eight", "TUTTI_ORIGINS", "https://www.example.org");
        try (WarProcess process = WarProcess.start(cache, environment, "--port=0")) {
            int port = process.awaitPort();
            assertThat(exchange(port, handshakeFrom("https://www.example.org"))).startsWith("HTTP/1.1 101 ");
            assertThat(exchange(port, handshakeFrom("https://evil.example"))).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void helpListsEveryOption() throws Exception {
        try (WarProcess process = WarProcess.start(cache, Map.of(), "--help")) {
            assertThat(process.awaitExit()).isZero();
            assertThat(process.err()).isEmpty();
            String help = String.join("\n", process.out());
            assertThat(help).startsWith("Usage: java -jar tutti.war [options]").contains("--help", "--version");
            AllSettings.TYPES.stream()
                    .flatMap(type -> Settings.names(type).stream())
                    .forEach(name -> assertThat(help).contains("  --" + name + " "));
        }
    }

    @Test
    void versionIsOneLine() throws Exception {
        try (WarProcess process = WarProcess.start(cache, Map.of(), "--version")) {
            assertThat(process.awaitExit()).isZero();
            assertThat(process.err()).isEmpty();
            assertThat(process.out()).singleElement().asString().matches("tutti \\d+\\.\\d+\\.\\d+\\S*");
        }
    }

    @Test
    void concurrentUnpackingSucceeds(@TempDir Path fresh) throws Exception {
        List<WarProcess> processes = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                processes.add(WarProcess.start(fresh, Map.of(), ANY_PORT));
            }
            assertThat(processes).extracting(WarProcess::awaitPort).doesNotHaveDuplicates();
            try (Stream<Path> unpacked = Files.list(fresh.resolve("tutti"))) {
                assertThat(unpacked).as("the rest in the cache").hasSize(1);
            }
        } finally {
            processes.forEach(WarProcess::close);
        }
    }

    // ---- Log

    @Test
    void jsonLogIsOneObjectALine() throws Exception {
        try (WarProcess process = WarProcess.start(cache, Map.of("TUTTI_LOG_FORMAT", "json"), ANY_PORT)) {
            int port = process.awaitPort();
            assertThat(exchange(port, handshakeFrom("https://evil.example"))).startsWith("HTTP/1.1 403 ");
            await().until(() -> !process.err().isEmpty());
            try (var reader = Json.createReader(new StringReader(process.err().get(0)))) {
                JsonObject line = reader.readObject();
                assertThat(line.keySet()).containsExactly("time", "level", "logger", "thread", "message");
                assertThat(line.getString("message"))
                        .startsWith("refused: 1 × ")
                        .contains("https://evil.example");
            }
        }
    }

    // ---- Stop

    @Test
    void signalClosesClientsAndEndsIn2Seconds() throws Exception {
        try (WarProcess process =
                WarProcess.start(cache, Map.of(), "--host", HOST, "--port", "0", "--drain-seconds", "0")) {
            int port = process.awaitPort();
            List<Listener> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(connect(port));
            }
            for (Listener client : clients) { // an echo shows that the room includes the client
                client.socket.sendText("\"here\"", true).join();
                client.heard.get(10, SECONDS);
            }
            try (Socket silent =
                    new Socket(InetAddress.getLoopbackAddress(), port)) { // never reads, so it answers no close frame
                silent.getOutputStream().write(HANDSHAKE.getBytes(ISO_8859_1));
                long start = System.nanoTime();
                process.terminate();
                assertThat(process.awaitExit()).isZero();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            }
            for (Listener client : clients) {
                assertThat(client.closed.get(10, SECONDS)).isEqualTo(1001);
            }
            assertThat(process.err()).isEmpty();
        }
    }

    // ---- Commands

    @Test
    void documentsAreCopiedByCommand(@TempDir Path directory) throws Exception {
        String data = directory.resolve("data").toString();
        String copy = directory.resolve("copy").toString();
        try (DocumentStore store = DocumentStores.open(StoreOptions.inMemory().at(data))) {
            store.append("minutes", new byte[] {1}).toCompletableFuture().get();
        }
        try (WarProcess process = WarProcess.start(cache, Map.of(), "--data", data, "--copy-documents-to", copy)) {
            assertThat(process.awaitExit()).as("%s", process.err()).isZero();
            assertThat(process.out()).containsExactly("1 documents copied");
        }
        try (DocumentStore store = DocumentStores.open(StoreOptions.inMemory().at(copy))) {
            assertThat(store.load("minutes").toCompletableFuture().get())
                    .extracting(StoredUpdate::update)
                    .containsExactly(new byte[] {1});
        }
        try (WarProcess again = WarProcess.start(cache, Map.of(), "--data", data, "--copy-documents-to", copy)) {
            assertThat(again.awaitExit()).isEqualTo(1);
            assertThat(again.err()).containsExactly("tutti: the target of the copy already has documents");
        }
    }

    // ---- Processes and requests

    /** Starts a process that must fail, and returns the one line of its error output. */
    private static String failure(int status, Map<String, String> environment, String... options) throws Exception {
        try (WarProcess process = WarProcess.start(cache, environment, options)) {
            assertThat(process.awaitExit())
                    .as(() -> "status after " + process.err())
                    .isEqualTo(status);
            assertThat(process.out()).isEmpty();
            assertThat(process.err()).hasSize(1);
            return process.err().get(0);
        }
    }

    private static String handshakeFrom(String origin) {
        return HANDSHAKE.replace("Host:", "Origin: " + origin + "\r\nHost:");
    }

    /** Sends a raw request. Returns the response up to the end of the connection, or of the head after a handshake. */
    static String exchange(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            StringBuilder response = new StringBuilder();
            for (int c; (c = socket.getInputStream().read()) >= 0; ) {
                response.append((char) c);
                if (request.contains("Upgrade") && response.toString().endsWith("\r\n\r\n")) {
                    break;
                }
            }
            return response.toString();
        }
    }

    private static Listener connect(int port) {
        Listener listener = new Listener();
        listener.socket = http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://" + HOST + ":" + port + "/ws"), listener)
                .join();
        return listener;
    }

    /** Records the first message and the close. */
    private static final class Listener implements WebSocket.Listener {
        final CompletableFuture<CharSequence> heard = new CompletableFuture<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        WebSocket socket;

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
            heard.complete(text);
            webSocket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            closed.completeExceptionally(error);
        }
    }
}
