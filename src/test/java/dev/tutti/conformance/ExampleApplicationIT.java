package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.tutti.webapp.Chromium;
import dev.tutti.webapp.EditorPages;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example application, used as its users do, on the servers that its README names. */
@Timeout(180)
class ExampleApplicationIT {
    @TempDir
    private static Path folder;

    private static Path war;

    @BeforeAll
    static void build() throws Exception {
        war = ExampleWar.build(folder);
    }

    @Nested
    class OnWildFly extends Cases {
        @Override
        ContainerServer server() {
            return new WildFlyServer(ContainerServer.property("tutti.wildfly.version"), "/desk").withApplicationUsers();
        }
    }

    @Nested
    class OnPayara extends Cases {
        @Override
        ContainerServer server() {
            return new PayaraMicroServer("/desk");
        }
    }

    /** Tomcat has the servlets and the users; the libraries in the WAR have CDI and REST. */
    @Nested
    class OnTomcat extends Cases {
        @Override
        ContainerServer server() {
            return new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/desk")
                    .withUser("ann", "ann")
                    .withUser("ben", "ben")
                    .withUser("cleo", "cleo");
        }

        @Override
        Path war() throws IOException {
            return ExampleWar.withLibraries(war, Path.of(ContainerServer.property("tutti.example.tomcat")));
        }

        @Test
        void membersWorkTogetherInTheirBrowsers() {
            Chromium chromium = Chromium.launchIfThere();
            assumeThat(chromium).as(Chromium.MISSING).isNotNull();
            try (chromium;
                    ExampleWindow ann = ExampleWindow.signIn(chromium.browser(), running(), "ann");
                    ExampleWindow cleo = ExampleWindow.signIn(chromium.browser(), running(), "cleo")) {
                ann.openTeam("green");
                cleo.openTeam("green");
                PlaywrightAssertions.assertThat(ann.membersHere()).hasText(new String[] {"ann", "cleo"});

                cleo.add("Tune the piano");
                ann.task().check();
                PlaywrightAssertions.assertThat(cleo.task()).isChecked();

                if (EditorPages.areBuilt()) {
                    ann.openNote();
                    cleo.openNote();
                    ann.write("Bring the tuning fork");
                    PlaywrightAssertions.assertThat(cleo.note()).containsText("Bring the tuning fork");
                }
                assertThat(ann.errors()).isEmpty();
                assertThat(cleo.errors()).isEmpty();
            }
        }
    }

    /** What users do on one server. The cases use different teams or do not change what others see. */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Cases {
        private ContainerServer server;

        /** Returns the server, not started, without the application. */
        abstract ContainerServer server();

        /** Returns the application for the server. */
        Path war() throws IOException {
            return war;
        }

        @BeforeAll
        final void start() throws Exception {
            server = server().withWar(war());
            server.start();
        }

        @AfterAll
        final void stop() throws Exception {
            server.stop();
        }

        final ServerUnderTest running() {
            return server;
        }

        private ExampleUser signedIn(String name) throws Exception {
            return ExampleUser.signedIn(server, name);
        }

        @Test
        final void anonymousGetsTheFormAndNoConnection() throws Exception {
            ExampleUser anonymous = ExampleUser.anonymous(server);
            assertThat(anonymous.get("/").body()).contains("j_security_check").doesNotContain("desk.js");
            assertThat(anonymous.get("/rest/account").body()).doesNotContain("teams");
            assertThat(anonymous.get("/api/me").body()).doesNotContain("may");
            assertThatThrownBy(anonymous::connect).hasMessageContaining("WebSocketHandshakeException");
        }

        @Test
        final void wrongPasswordIsRefused() throws Exception {
            ExampleUser user = ExampleUser.anonymous(server);
            assertThat(user.signIn("ann", "ben").body()).contains("Not signed in");
            assertThat(user.get("/rest/account").body()).doesNotContain("teams");
        }

        @Test
        final void memberSeesTheTaskOfAnother() throws Exception {
            ExampleUser ben = signedIn("ben");
            try (TuttiClient ann = signedIn("ann").connect()) {
                JsonObject joined = ann.ask("'type':'join','room':'blue-tasks'");
                assertThat(joined.getString("type")).isEqualTo("joined");

                assertThat(ben.rest("POST", "teams/blue/tasks", "{'title':'Tune the piano','done':false}")
                                .statusCode())
                        .isEqualTo(200);
                assertThat(ben.rest("PUT", "teams/blue/tasks/1", "{'title':'Tune the piano','done':true}")
                                .statusCode())
                        .isEqualTo(200);

                assertThat(ann.awaitAll("message", 2))
                        .extracting(message -> message.getJsonObject("data").toString())
                        .containsExactly(
                                "{\"done\":false,\"id\":1,\"title\":\"Tune the piano\",\"version\":1}",
                                "{\"done\":true,\"id\":1,\"title\":\"Tune the piano\",\"version\":2}");
            }
            assertThat(ben.json("teams/blue/tasks").asJsonArray()).hasSize(1);
        }

        @Test
        final void badTaskIsRefused() throws Exception {
            ExampleUser ann = signedIn("ann");
            assertThat(ann.rest("POST", "teams/green/tasks", "{'title':' '}").statusCode())
                    .isEqualTo(400);
            assertThat(ann.rest("PUT", "teams/green/tasks/7", "{'title':'x'}").statusCode())
                    .isEqualTo(404);
        }

        @Test
        final void foreignTeamIsRefused() throws Exception {
            ExampleUser cleo = signedIn("cleo");
            assertThat(cleo.rest("POST", "teams/blue/tasks", "{'title':'x'}").statusCode())
                    .isEqualTo(403);
            assertThat(cleo.get("/rest/teams/blue/tasks").statusCode()).isEqualTo(403);
            assertThat(cleo.get("/api/documents/blue-note/stored").statusCode()).isEqualTo(403);
            assertThat(cleo.get("/api/documents/red-note/stored").statusCode()).isEqualTo(200);
            try (TuttiClient client = cleo.connect()) {
                assertThat(client.ask("'type':'join','room':'blue-tasks'").getString("code"))
                        .isEqualTo("forbidden");
                assertThat(client.ask("'type':'join','room':'red-tasks'").getString("type"))
                        .isEqualTo("joined");
            }
        }

        @Test
        final void membersDoNotPublishByThemselves() throws Exception {
            try (TuttiClient cleo = signedIn("cleo").connect()) {
                cleo.ask("'type':'join','room':'red-tasks'");
                assertThat(cleo.ask("'type':'publish','room':'red-tasks','data':{'id':1}")
                                .getString("code"))
                        .isEqualTo("forbidden");
            }
        }

        @Test
        final void observerNotesTheDeparture() throws Exception {
            ExampleUser cleo = signedIn("cleo");
            try (TuttiClient ann = signedIn("ann").connect()) {
                ann.ask("'type':'join','room':'green-tasks'");
            }
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> cleo.json("teams/green/members").asJsonArray().getValuesAs(JsonObject.class).stream()
                            .anyMatch(member ->
                                    member.getString("user").equals("ann") && member.containsKey("lastSeen")));
        }

        @Test
        final void signOutEndsTheConnection() throws Exception {
            ExampleUser ben = signedIn("ben");
            TuttiClient client = ben.connect();
            assertThat(ben.rest("DELETE", "account", "").statusCode()).isEqualTo(204);
            assertThat(client.closeCode().get(20, TimeUnit.SECONDS)).isIn(4401, 1008); // as HttpSessionEndIT
            assertThat(ben.get("/").body()).contains("j_security_check");
        }

        @Test
        final void pagesOfTuttiAreThere() throws Exception {
            ExampleUser ann = signedIn("ann");
            assertThat(ann.get("/").headers().firstValue("Content-Security-Policy"))
                    .isPresent();
            assertThat(ann.get("/tutti.js").body()).contains("export", "Tutti");
            assertThat(ann.get("/desk.css").statusCode()).isEqualTo(200);
        }
    }
}
