package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.application.Attendance;
import dev.tutti.application.Greeter;
import dev.tutti.application.OwnRegistry;
import dev.tutti.application.TeamPolicy;
import dev.tutti.event.TuttiListener;
import dev.tutti.security.AccessPolicy;
import dev.tutti.standalone.SecretTokens;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application in the WAR decides about rights and learns events: found by service files in Tomcat, and as beans in WildFly, which has CDI.
 * There a bean also has Tutti injected, observes an event, and has a registry that Tutti adds its meters to. */
@Timeout(180)
class PolicyIT {
    /** Makes every class of the WAR a bean. */
    private static final String BEANS = """
            <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="3.0" bean-discovery-mode="all"/>
            """;

    @TempDir
    private Path folder;

    @Test
    void tomcatFindsTheServices() throws Exception {
        String services = "WEB-INF/classes/META-INF/services/";
        Path war = warWith(Map.of(
                services + AccessPolicy.class.getName(),
                TeamPolicy.class.getName(),
                services + TuttiListener.class.getName(),
                Attendance.class.getName()));
        assertPolicyDecides(
                new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/teams").withWar(war),
                "Ann is in blue-doors",
                "Ann is in blue-lobby");
    }

    @Test
    void wildFlyFindsTheBeans() throws Exception {
        Path war = warWith(Map.of("WEB-INF/beans.xml", BEANS));
        assertPolicyDecides(
                new WildFlyServer(ContainerServer.property("tutti.wildfly.version"), "/teams").withWar(war),
                "Ann is in blue-doors",
                "Ann is in blue-lobby",
                "blue-lobby is open and measured");
    }

    private Path warWith(Map<String, String> texts) throws IOException {
        Path war = Files.copy(ContainerServer.war(), folder.resolve("application.war"));
        try (FileSystem files = FileSystems.newFileSystem(war)) {
            ApplicationIT.add(TeamPolicy.class, files.getPath("WEB-INF/classes"));
            ApplicationIT.add(Attendance.class, files.getPath("WEB-INF/classes"));
            ApplicationIT.add(Greeter.class, files.getPath("WEB-INF/classes"));
            ApplicationIT.add(OwnRegistry.class, files.getPath("WEB-INF/classes"));
            for (Map.Entry<String, String> text : texts.entrySet()) {
                Path added = files.getPath(text.getKey());
                Files.createDirectories(added.getParent());
                Files.writeString(added, text.getValue());
            }
        }
        return war;
    }

    private static void assertPolicyDecides(ContainerServer server, String... messages) throws Exception {
        server.with("access", "token").with("jwt-secret", SecretTokens.SECRET).start();
        try {
            String token = SecretTokens.token("Ann", 600, ",\"groups\":[\"blue\"]");
            try (TuttiClient ann = TuttiClient.connect(server.webSocket("/connect"))) {
                ann.ask("'type':'authenticate','token':'" + token + "'");
                for (String room : List.of("blue-attendance", "blue-doors", "blue-lobby")) {
                    assertThat(type(ann.ask("'type':'join','room':'" + room + "'")))
                            .isEqualTo("joined");
                }
                assertThat(ann.awaitAll("message", messages.length))
                        .extracting(message -> message.getString("data"))
                        .containsExactlyInAnyOrder(messages);
                JsonObject refusal = ann.ask("'type':'join','room':'red-lobby'");
                assertThat(refusal.getString("code")).isEqualTo("forbidden");
            }
            assertThat(status(server, "blue-plan", token)).isEqualTo(200);
            assertThat(status(server, "red-plan", token)).isEqualTo(403);
        } finally {
            server.stop();
        }
    }

    private static String type(JsonObject answer) {
        return answer.getString("type");
    }

    private static int status(ContainerServer server, String document, String token) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.http("/api/documents/" + document + "/stored"))
                .header("Authorization", "Bearer " + token)
                .build();
        return ServerUnderTest.Http.CLIENT
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }
}
