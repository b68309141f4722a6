package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.application.GuestBook;
import dev.tutti.application.GuestBookListener;
import dev.tutti.application.RequestThreads;
import dev.tutti.http.BrowserSafety;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java API, used by other code of the same WAR in a real Tomcat. */
@Timeout(120)
class ApplicationIT {
    @TempDir
    private static Path folder;

    private static ServerUnderTest server;

    @BeforeAll
    static void start() throws Exception {
        server = new TomcatServer(
                ContainerServer.property("tutti.tomcat11.version"),
                "/book",
                warWith(GuestBookListener.class, GuestBook.class, RequestThreads.class));
        server.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
    }

    /** Returns a copy of the WAR that also has a listener and servlets; a container calls listeners of web.xml before annotated ones. */
    private static Path warWith(Class<?> listener, Class<?>... servlets) throws IOException {
        Path war = Files.copy(ContainerServer.war(), folder.resolve("application.war"));
        try (FileSystem files = FileSystems.newFileSystem(war)) {
            for (Class<?> servlet : servlets) {
                add(servlet, files.getPath("WEB-INF/classes"));
            }
            add(listener, files.getPath("WEB-INF/classes"));
            Path webXml = files.getPath("WEB-INF/web.xml");
            String element = "<listener><listener-class>" + listener.getName() + "</listener-class></listener>";
            Files.writeString(webXml, Files.readString(webXml).replace("</web-app>", element + "</web-app>"));
        }
        return war;
    }

    /** Adds a class to the classes of a WAR. */
    static void add(Class<?> type, Path classes) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        try (InputStream bytes = Objects.requireNonNull(type.getClassLoader().getResourceAsStream(file))) {
            Path target = classes.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(bytes, target);
        }
    }

    private static String call(String method, String query) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + server.contextPath() + "/guest-book" + query);
        return ServerUnderTest.Http.CLIENT
                .send(
                        HttpRequest.newBuilder(uri)
                                .method(method, BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    @Test
    void pagesHaveStandaloneHeaders() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.http("/index.html")).build();
        HttpResponse<String> page = ServerUnderTest.Http.CLIENT.send(request, BodyHandlers.ofString());

        assertThat(page.statusCode()).isEqualTo(200);
        BrowserSafety.HEADERS.forEach(
                (name, value) -> assertThat(page.headers().firstValue(name)).hasValue(value));
    }

    /** Tutti's threads complete the answers of the store; the container goes on with the connection, and maybe its next request. */
    @Test
    void requestsEndOnThreadsOfTheContainer() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(server.get("/api/documents/guests/stored").statusCode()).isEqualTo(200);
        }
        assertThat(server.get("/threads").body()).contains("exec").doesNotContain("tutti");
    }

    /** This client, and proxies, send the handshake on the connection of an earlier request, which Tomcat may still be ending. */
    @Test
    void handshakeOnTheConnectionOfARequestIsRead() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(server.http("/api/documents/guests/stored"))
                .build();
        for (int i = 0; i < 200; i++) {
            client.send(request, BodyHandlers.discarding());
            try (TuttiClient visitor =
                    TuttiClient.connect(server.webSocket("/connect"), client.newWebSocketBuilder())) {
                assertThat(visitor.ask("'type':'join','room':'lobby'").getString("type"))
                        .isEqualTo("joined");
            }
        }
    }

    @Test
    void listenerOfTheApplicationPublishes() throws Exception {
        try (TuttiClient visitor = TuttiClient.connect(server.webSocket("/connect"))) {
            visitor.ask("'type':'join','room':'opening'");
            JsonObject history = visitor.ask("'type':'history','room':'opening'");

            assertThat(history.getJsonArray("messages")).hasSize(1);
            assertThat(history.getJsonArray("messages").getJsonObject(0).getString("data"))
                    .isEqualTo("the guest book is open");
        }
    }

    @Test
    void applicationPublishesObservesAndListsMembers() throws Exception {
        try (TuttiClient visitor = TuttiClient.connect(server.webSocket("/connect?guest=0123456789abcdef"))) {
            visitor.ask("'type':'join','room':'guest-book'");
            visitor.ask("'type':'join','room':'counts'");
            assertThat(call("GET", "")).isEqualTo("1");

            visitor.ask("'type':'publish','room':'guest-book','data':'I was here'");
            JsonObject count = visitor.awaitAll("message", 2).get(1);
            assertThat(count.getString("room")).isEqualTo("counts");
            assertThat(count.containsKey("from")).isFalse();
            assertThat(count.getJsonObject("data").getInt("count")).isEqualTo(1);
            assertThat(count.getJsonObject("data").getString("user")).startsWith("guest:");

            try (JdkClient plain = JdkClient.join(server, "/ws/guest-book")) {
                String offset = call("POST", "?text=welcome&key=k");
                assertThat(call("POST", "?text=welcome&key=k")).isEqualTo(offset);
                await().until(() -> plain.received().contains("\"welcome\""));
                assertThat(call("GET", "")).isEqualTo("2");
            }
        }
    }
}
