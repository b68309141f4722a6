package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.application.SignIn;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection of a user whom the container has authenticated ends with the user's HTTP session. */
@Timeout(180)
class HttpSessionEndIT {
    private static final List<String> PATHS = List.of("/ws/garden", "/connect", "/yjs/garden", "/hocuspocus");
    private static final String CREDENTIALS =
            "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8));

    private static final String SECURITY = """
            <security-constraint>
              <web-resource-collection>
                <web-resource-name>all but the health check</web-resource-name>
                <url-pattern>/ws/*</url-pattern>
                <url-pattern>/connect</url-pattern>
                <url-pattern>/yjs/*</url-pattern>
                <url-pattern>/hocuspocus</url-pattern>
                <url-pattern>/sign-in</url-pattern>
              </web-resource-collection>
              <auth-constraint><role-name>**</role-name></auth-constraint>
            </security-constraint>
            <login-config><auth-method>BASIC</auth-method></login-config>
            </web-app>
            """;

    @TempDir
    private static Path folder;

    static Stream<Arguments> servers() {
        return Stream.of(
                server("Tomcat 10", () -> new TomcatServer(ContainerServer.property("tutti.tomcat10.version"), "/app")),
                server("Tomcat 11", () -> new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/app")),
                server("WildFly", () -> new WildFlyServer(ContainerServer.property("tutti.wildfly.version"), "/app")),
                server("Payara Micro", () -> new PayaraMicroServer("/app")));
    }

    private static Arguments server(String name, Supplier<ContainerServer> server) {
        return Arguments.of(name, server);
    }

    private static Path warWithSignIn() throws IOException {
        Path war = folder.resolve("sign-in.war");
        if (Files.exists(war)) {
            return war;
        }
        Files.copy(ContainerServer.war(), war);
        try (FileSystem files = FileSystems.newFileSystem(war)) {
            String file = SignIn.class.getName().replace('.', '/') + ".class";
            Path target = files.getPath("WEB-INF/classes").resolve(file);
            Files.createDirectories(target.getParent());
            try (InputStream bytes =
                    Objects.requireNonNull(SignIn.class.getClassLoader().getResourceAsStream(file))) {
                Files.copy(bytes, target);
            }
            Path webXml = files.getPath("WEB-INF/web.xml");
            Files.writeString(webXml, Files.readString(webXml).replace("</web-app>", SECURITY));
        }
        return war;
    }

    /** Keeps the code of the close. */
    private static final class Listener implements WebSocket.Listener {
        private final CompletableFuture<Integer> code = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            code.complete(status);
            return CompletableFuture.completedFuture(null);
        }
    }

    private static Listener connect(ServerUnderTest server, String path, String cookie) throws Exception {
        Listener listener = new Listener();
        WebSocket.Builder builder = ServerUnderTest.Http.CLIENT
                .newWebSocketBuilder()
                .header("Authorization", CREDENTIALS)
                .header("Cookie", cookie);
        if (path.equals("/connect")) {
            builder.subprotocols("tutti.v1");
        }
        builder.buildAsync(server.webSocket(path), listener).get(10, TimeUnit.SECONDS);
        return listener;
    }

    private static HttpResponse<String> signIn(ServerUnderTest server, String method, String cookie) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.http("/sign-in"))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("Authorization", CREDENTIALS);
        if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        return ServerUnderTest.Http.CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Returns the cookie of a new session. Tomcat gives the session another id when it first authenticates a request of it. */
    private static String beginSession(ServerUnderTest server) throws Exception {
        String cookie = "";
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> response = signIn(server, "GET", cookie);
            assertThat(response.statusCode()).isEqualTo(200);
            cookie = response.headers()
                    .firstValue("Set-Cookie")
                    .map(value -> value.split(";", 2)[0])
                    .orElse(cookie);
        }
        return cookie;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("servers")
    void connectionsEndWithTheirHttpSession(String name, Supplier<ContainerServer> supplier) throws Exception {
        ContainerServer server = supplier.get()
                .with("access", "container")
                .withUser("ann", "secret")
                .withWar(warWithSignIn());
        server.start();
        try {
            String ending = beginSession(server);
            String other = beginSession(server);
            List<Listener> ended = new ArrayList<>();
            List<Listener> staying = new ArrayList<>();
            for (String path : PATHS) {
                ended.add(connect(server, path, ending));
                staying.add(connect(server, path, other));
            }

            assertThat(signIn(server, "POST", ending).statusCode()).isEqualTo(200);

            for (Listener listener : ended) {
                // That of Tutti, or of the container (Jakarta WebSocket 2.1, section 7.2): the first to close has its
                // code.
                assertThat(listener.code.get(10, TimeUnit.SECONDS)).isIn(4401, 1008);
            }
            assertThat(staying).noneMatch(listener -> listener.code.isDone());
        } finally {
            server.stop();
        }
    }
}
