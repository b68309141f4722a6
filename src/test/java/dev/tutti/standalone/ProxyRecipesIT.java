package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The proxies of {@code src/example}, with their own programs, in front of a server with the settings that they are for. */
class ProxyRecipesIT {
    private static final Path EXAMPLES = Path.of("src/example");
    private static final String HOST = "tutti.example.org";

    /** Text frames with the JSON string "hi": one masked with zeros, and its echo. */
    private static final byte[] HI = {(byte) 0x81, (byte) 0x84, 0, 0, 0, 0, '"', 'h', 'i', '"'};

    private static final byte[] ECHO = {(byte) 0x81, 4, '"', 'h', 'i', '"'};

    @TempDir
    static Path folder;

    private static WarProcess server;
    private static int serverPort;
    private static SSLContext trusting;

    /** Some ports that were free a moment ago, and files. */
    private record Place(Path directory, int http, int https) {
        Path file(String name) {
            return directory.resolve(name);
        }

        /** Returns the text of a recipe for this place. IPv6 is left out: the machine may have none. */
        String read(String recipe) throws IOException {
            return Files.readString(EXAMPLES.resolve(recipe))
                    .replaceAll("(?m)^.*\\[::].*\n", "")
                    .replace("127.0.0.1:8000", "127.0.0.1:" + serverPort)
                    .replaceAll("/\\S+/fullchain\\.pem", file("certificate").toString())
                    .replaceAll("/\\S+/privkey\\.pem", file("key").toString())
                    .replaceAll("/\\S+\\.org\\.pem", file("both").toString())
                    .replaceAll("(?<address>bind |listen ):?80\\b", "${address}127.0.0.1:" + http)
                    .replaceAll("(?<address>bind |listen ):?443\\b", "${address}127.0.0.1:" + https);
        }
    }

    private enum Proxy {
        NGINX("nginx") {
            @Override
            List<String> prepare(Place place) throws IOException {
                Path own = Files.writeString(place.file("tutti.conf"), place.read("nginx/tutti.conf"));
                StringBuilder main = new StringBuilder("daemon off; pid nginx.pid; events {} http { access_log off; ");
                for (String use : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
                    main.append(use).append("_temp_path ").append(use).append("; ");
                }
                Path file = Files.writeString(place.file("nginx.conf"), main + "include " + own + "; }");
                return List.of("-p", place.directory().toString(), "-e", "stderr", "-c", file.toString());
            }
        },
        HAPROXY("haproxy") {
            @Override
            List<String> prepare(Place place) throws IOException {
                Path file = Files.writeString(
                        place.file("haproxy.cfg"),
                        place.read("haproxy/haproxy.cfg")
                                .replace("maxconn 60000", "maxconn 100")); // the test may have few file descriptors
                return List.of("-db", "-f", file.toString());
            }
        },
        CADDY("caddy") {
            /** With the certificate of this test, and so without a redirection of its own. */
            @Override
            List<String> prepare(Place place) throws IOException {
                String site = place.read("caddy/Caddyfile")
                        .replace(
                                HOST + " {",
                                "https://" + HOST + ":" + place.https() + " {\nbind 127.0.0.1\ntls "
                                        + place.file("certificate") + " " + place.file("key"));
                Path file = Files.writeString(
                        place.file("Caddyfile"), "{\nadmin off\nauto_https disable_redirects\n}\n" + site);
                return List.of("run", "--adapter", "caddyfile", "--config", file.toString());
            }
        };

        private final String program;

        Proxy(String program) {
            this.program = program;
        }

        /** Writes the configuration, and returns the arguments. */
        abstract List<String> prepare(Place place) throws IOException;

        /** Returns the program, null if it is not installed; in CI it fails instead. */
        Path find() {
            Path found = Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
                    .map(directory -> Path.of(directory, program))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                assertThat(System.getenv("CI")).as(missing()).isNotEqualTo("true");
            }
            return found;
        }

        String missing() {
            return program + " is not installed";
        }
    }

    @BeforeAll
    static void startServer() throws Exception {
        server = WarProcess.start(
                folder.resolve("cache"),
                Map.of(
                        "TUTTI_CONFIG",
                        EXAMPLES.resolve("systemd/tutti.properties").toString()),
                "--port=0");
        serverPort = server.awaitPort();
        TestCertificates certificates = TestCertificates.in(folder);
        certificates.make(HOST, "-keyalg", "EC", "-ext", "san=dns:" + HOST);
        certificates.write(HOST, folder.resolve("certificate"), folder.resolve("key"));
        trusting = trusting(certificates);
    }

    private static SSLContext trusting(TestCertificates certificates) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("proxy", certificates.chain(HOST)[0]);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        server.terminate();
        server.awaitExit();
    }

    @ParameterizedTest
    @EnumSource
    void pagesAndWebSocketsPassTheProxy(Proxy proxy) throws Exception {
        Path program = proxy.find();
        assumeThat(program).as(proxy.missing()).isNotNull();
        Place place = place(proxy);
        Process process = start(proxy, program, place);
        try {
            await().ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> !process.isAlive() || get(place).startsWith("HTTP/1.1 200"));
            assertThat(process.isAlive())
                    .as("%s runs, see %s", proxy, place.file("log"))
                    .isTrue();

            assertThat(get(place)).contains("<title>Tutti");
            assertThat(handshake(place, "https://" + HOST)).startsWith("HTTP/1.1 101 ");
            assertThat(handshake(place, "https://evil.example")).startsWith("HTTP/1.1 403 ");
            if (proxy != Proxy.CADDY) {
                assertThat(redirection(place)).contains("ocation: https://" + HOST + "/page");
            }
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static Place place(Proxy proxy) throws IOException {
        Path directory = Files.createDirectory(folder.resolve(proxy.name()));
        for (String name : List.of("certificate", "key")) {
            Files.copy(folder.resolve(name), directory.resolve(name));
        }
        Files.writeString(
                directory.resolve("both"),
                Files.readString(folder.resolve("certificate")) + Files.readString(folder.resolve("key")));
        try (ServerSocket http = new ServerSocket(0);
                ServerSocket https = new ServerSocket(0)) {
            return new Place(directory, http.getLocalPort(), https.getLocalPort());
        }
    }

    private static Process start(Proxy proxy, Path program, Place place) throws IOException {
        List<String> arguments = proxy.prepare(place);
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of(program.toString()), arguments.stream()).toList());
        builder.environment().put("HOME", place.directory().toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(place.file("log").toFile())
                .start();
    }

    // ---- Requests

    private static String get(Place place) throws IOException {
        try (SSLSocket socket = connect(place)) {
            return exchange(socket, "GET / HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n\r\n");
        }
    }

    private static String redirection(Place place) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), place.http())) {
            return exchange(socket, "GET /page HTTP/1.1\r\nHost: " + HOST + "\r\nConnection: close\r\n\r\n");
        }
    }

    /** Returns the response to a handshake; if it succeeds, an echo has passed too. */
    private static String handshake(Place place, String origin) throws IOException {
        try (SSLSocket socket = connect(place)) {
            String response = head(
                    socket,
                    "GET /ws HTTP/1.1\r\nHost: " + HOST + "\r\nOrigin: " + origin
                            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
            if (response.startsWith("HTTP/1.1 101 ")) {
                socket.getOutputStream().write(HI);
                assertThat(socket.getInputStream().readNBytes(ECHO.length)).isEqualTo(ECHO);
            }
            return response;
        }
    }

    private static SSLSocket connect(Place place) throws IOException {
        SSLSocket socket =
                (SSLSocket) trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), place.https());
        socket.setSoTimeout(10_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(HOST)));
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static String exchange(Socket socket, String request) throws IOException {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static String head(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        StringBuilder response = new StringBuilder();
        for (int c; (c = socket.getInputStream().read()) >= 0; ) {
            response.append((char) c);
            if (response.toString().endsWith("\r\n\r\n")) {
                break;
            }
        }
        return response.toString();
    }
}
