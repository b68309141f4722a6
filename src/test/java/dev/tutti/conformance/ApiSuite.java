package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.http.OpenApiChecker;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The cases of the HTTP API; its answers are checked against its own description. */
abstract class ApiSuite extends ServerSuite {
    private static final String JSON = "application/json";

    private @Nullable OpenApiChecker checker;

    ApiSuite(ServerUnderTest server) {
        super(server);
    }

    @Test
    void publicationOverHttpReachesMembers() throws Exception {
        TuttiClient member = TuttiClient.connect(server.webSocket("/connect"));
        clients.add(member);
        member.ask("'type':'join','room':'api'");

        HttpResponse<String> published = api("POST", "/api/rooms/api/publications", "{'data':{'n':'ü'},'key':'1'}");
        HttpResponse<String> repeated = api("POST", "/api/rooms/api/publications", "{'data':{'n':'ü'},'key':'1'}");

        assertThat(published.statusCode()).isEqualTo(200);
        assertThat(repeated.body()).isEqualTo(published.body());
        JsonObject message = member.awaitAll("message", 1).get(0);
        assertThat(message.getJsonObject("data").getString("n")).isEqualTo("ü");
        assertThat(message.getJsonObject("from").getString("client")).isEqualTo("http");
        assertThat(api("GET", "/api/rooms/api", null).body()).contains("\"count\":1");
        assertThat(api("GET", "/api/rooms/api/members", null).body()).contains(member.id());
        assertThat(api("GET", "/api/rooms/api/publications?limit=1", null).body())
                .contains("\"data\":{\"n\":\"ü\"}");
        assertThat(api("GET", "/api/rooms?prefix=api", null).body()).contains("\"api\"");
    }

    @Test
    void severalRoomsArePublishedAtOnce() throws Exception {
        HttpResponse<String> response = api(
                "POST",
                "/api/publications",
                "{'publications':[{'room':'api-a','data':1},{'room':'api-b','data':null}]}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(api("GET", "/api/rooms/api-b/publications", null).body()).contains("\"data\":null");
        assertThat(api("DELETE", "/api/rooms/api-b/publications", null).statusCode())
                .isEqualTo(204);
        assertThat(api("GET", "/api/rooms/api-b/publications", null).body()).contains("\"publications\":[]");
    }

    @Test
    void serverSubscribesAndUnsubscribesAUser() throws Exception {
        TuttiClient member = TuttiClient.connect(server.webSocket("/connect"));
        clients.add(member);
        String user = member.ask("'type':'authenticate','guest':'api-0123456789abcdef'")
                .getString("user");
        assertThat(api("POST", "/api/users/ann/rooms/api-invited", null).body()).isEqualTo("{\"connections\":0}");
        if (!server.acceptsColonInPath()) {
            return; // the name of a guest has one
        }
        String path = "/api/users/" + user + "/rooms/api-invited";

        assertThat(api("POST", path, null).body()).isEqualTo("{\"connections\":1}");
        assertThat(api("POST", path, null).body()).isEqualTo("{\"connections\":0}");
        api("POST", "/api/rooms/api-invited/publications", "{'data':1}");
        assertThat(member.awaitAll("message", 1).get(0).getString("room")).isEqualTo("api-invited");
        JsonObject subscribed = member.received("joined").get(0);
        assertThat(subscribed.containsKey("id")).isFalse();
        assertThat(subscribed.getJsonObject("position").getInt("offset")).isZero();

        JsonObject joined = member.ask("'type':'join','room':'api-invited','state':'here'");
        assertThat(joined.getJsonArray("members").getJsonObject(0).getString("state"))
                .isEqualTo("here");
        assertThat(member.ask("'type':'join','room':'api-invited'").getString("code"))
                .isEqualTo("bad_request");

        assertThat(api("DELETE", path, null).body()).isEqualTo("{\"connections\":1}");
        assertThat(member.awaitAll("removed", 1).get(0).getString("code")).isEqualTo("unsubscribed");
        assertThat(api("DELETE", path, null).body()).isEqualTo("{\"connections\":0}");
    }

    /** Client 1 writes "hi" into the text "t"; first to a document that nobody has open. */
    @Test
    void updateOverHttpIsStoredAndReachesMembers() throws Exception {
        byte[] update = HexFormat.of().parseHex("010101000401017402686900");
        byte[] more = HexFormat.of().parseHex("010102000401017402686900"); // by client 2

        assertThat(update("/api/documents/api", update).statusCode()).isEqualTo(204);
        assertThat(api("GET", "/api/documents/api", null).body()).isEqualTo(new String(update, ISO_8859_1));
        assertThat(api("GET", "/api/documents/api/stored", null).body())
                .contains("\"stateVector\":\"AQEC\",\"complete\":true");
        RawClient member = RawClient.connect(server, "/yjs/api", 0);
        clients.add(member);
        assertThat(member.read().payload()).isEqualTo(HexFormat.of().parseHex("000003010102"));
        assertThat(update("/api/documents/api", more).statusCode()).isEqualTo(204);
        assertThat(HexFormat.of().formatHex(member.read().payload()))
                .isEqualTo("00020c" + HexFormat.of().formatHex(more));

        assertThat(update("/api/documents/api", new byte[] {1, 1}).statusCode()).isEqualTo(400);
        assertThat(update("/api/documents/api", new byte[(4 << 20) + 1]).statusCode())
                .isEqualTo(413);
    }

    @Test
    void versionIsMadeListedReadAndRemoved() throws Exception {
        byte[] update = HexFormat.of().parseHex("010101000401017402686900");
        String path = "/api/documents/api-versions/versions";

        assertThat(api("POST", path, "{}").statusCode()).isEqualTo(404);
        assertThat(update("/api/documents/api-versions", update).statusCode()).isEqualTo(204);
        HttpResponse<String> made = api("POST", path, "{'title':'först'}");
        assertThat(made.statusCode()).isEqualTo(201);
        String id = made.body().replaceFirst(".*\"id\":\"([^\"]+)\".*", "$1");
        assertThat(api("GET", path, null).body())
                .startsWith("{\"versions\":[{\"id\":\"" + id + "\"")
                .contains("\"automatic\":false,\"title\":\"först\"")
                .endsWith("\"bytes\":12}],\"more\":false}");
        assertThat(api("GET", path + "/" + id, null).body()).isEqualTo(new String(update, ISO_8859_1));
        assertThat(api("DELETE", path + "/" + id, null).statusCode()).isEqualTo(204);
        assertThat(api("GET", path + "/" + id, null).statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> update(String target, byte[] update) throws Exception {
        return send("POST", target, "application/octet-stream", BodyPublishers.ofByteArray(update));
    }

    /** Many clients read no response before the whole body is sent: a server that closes earlier has answered in vain. */
    @Test
    void bodyThatIsTooLargeIsReadBeforeItsAnswer() throws Exception {
        URI target = server.http("/api/documents/api");
        byte[] part = new byte[256 << 10];
        try (Socket socket = new Socket(target.getHost(), target.getPort())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + target.getPath() + " HTTP/1.1\r\nHost: " + target.getAuthority()
                            + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + 32 * part.length
                            + "\r\n\r\n")
                    .getBytes(ISO_8859_1));
            for (int i = 0; i < 32; i++) {
                out.write(part);
            }
            assertThat(new String(socket.getInputStream().readNBytes(12), ISO_8859_1))
                    .isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void badBodiesAreAnsweredOnAConnectionThatGoesOn() throws Exception {
        String path = "/api/rooms/api/publications";
        String large = "{'data':'" + "x".repeat(100_000) + "'}";

        assertThat(api("POST", path, "{'data':").statusCode()).isEqualTo(400);
        assertThat(api("POST", path, large).statusCode()).isEqualTo(413);
        assertThat(send("POST", path, JSON, chunked(large)).statusCode()).isEqualTo(413);
        assertThat(send("POST", path, "application/x-www-form-urlencoded", BodyPublishers.ofString("data=1"))
                        .statusCode())
                .isEqualTo(415);
        assertThat(api("GET", "/api/rooms/api", null).statusCode()).isEqualTo(200);
    }

    @Test
    void chunkedBodyIsRead() throws Exception {
        HttpResponse<String> response = send(
                "POST", "/api/rooms/api-chunks/publications", JSON, chunked("{'data':'" + "y".repeat(50_000) + "'}"));

        assertThat(response.statusCode()).isEqualTo(200);
    }

    /** Of two requests on one connection, so that the end of the slow body is found. */
    @Test
    void slowBodyIsReadWhileOthersAreAnswered() throws Exception {
        String body = "{\"data\":\"slow\"}";
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            slow.setSoTimeout((int) TIMEOUT.toMillis());
            OutputStream out = slow.getOutputStream();
            BufferedReader in = new BufferedReader(new InputStreamReader(slow.getInputStream(), ISO_8859_1));
            for (int i = 0; i < 2; i++) {
                out.write(("POST " + server.contextPath()
                                + "/api/rooms/api-slow/publications HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n")
                        .getBytes(UTF_8));
                for (byte b : body.getBytes(UTF_8)) {
                    out.flush();
                    if (b == ':' || b == 's') {
                        assertThat(api("GET", "/api/rooms/api", null).statusCode())
                                .isEqualTo(200);
                    }
                    out.write(b);
                }
                out.flush();
                assertThat(in.readLine()).startsWith("HTTP/1.1 200");
                skipResponse(in);
            }
        }
        assertThat(api("GET", "/api/rooms/api-slow", null).body()).contains("\"offset\":2");
    }

    private static void skipResponse(BufferedReader in) throws Exception {
        int length = 0;
        boolean isChunked = false;
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            String header = line.toLowerCase(Locale.ROOT);
            length = header.startsWith("content-length:")
                    ? Integer.parseInt(header.substring(15).strip())
                    : length;
            isChunked |= header.startsWith("transfer-encoding:");
        }
        assertThat(isChunked).isFalse();
        assertThat(in.skip(length)).isEqualTo(length);
    }

    @Test
    void statisticsCountConnections() throws Exception {
        TuttiClient member = TuttiClient.connect(server.webSocket("/connect"));
        clients.add(member);
        member.ask("'type':'join','room':'api-statistics'");

        HttpResponse<String> response = api("GET", "/api/statistics", null);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .containsPattern("\"endpoint\":\"/connect\",\"open\":[1-9]")
                .contains("\"phase\":\"serving\"", "\"uptimeMillis\":0,\"clients\"");
    }

    /** A worker covers the directory that it comes from: that of the application. */
    @Test
    void workerOfThePagesIsBesideThem() throws Exception {
        HttpResponse<String> worker = server.get("/sw.js");
        HttpResponse<String> manifest = server.get("/manifest.webmanifest");

        assertThat(worker.statusCode()).isEqualTo(200);
        assertThat(worker.headers().firstValue("Content-Type").orElseThrow()).contains("javascript");
        assertThat(worker.headers().firstValue("Cache-Control")).hasValue("no-cache");
        assertThat(manifest.statusCode()).isEqualTo(200);
        assertThat(manifest.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/manifest+json");
        assertThat(server.get("/icons/maskable.png").statusCode()).isEqualTo(200);
    }

    /** Sends a request, with quotation marks for apostrophes in its JSON, and checks the answer against the description. */
    HttpResponse<String> api(String method, String target, @Nullable String json) throws Exception {
        return send(
                method,
                target,
                JSON,
                json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json.replace('\'', '"')));
    }

    private static BodyPublisher chunked(String json) {
        List<byte[]> parts = new ArrayList<>();
        byte[] all = json.replace('\'', '"').getBytes(UTF_8);
        for (int from = 0; from < all.length; from += 4_000) {
            parts.add(Arrays.copyOfRange(all, from, Math.min(all.length, from + 4_000)));
        }
        return BodyPublishers.ofByteArrays(parts); // of no known length
    }

    private HttpResponse<String> send(String method, String target, String type, BodyPublisher body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.http(target))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", type)
                .method(method, body)
                .build();
        HttpResponse<String> response = ServerUnderTest.Http.CLIENT.send(request, BodyHandlers.ofString());
        checker()
                .check(
                        method,
                        target,
                        response.statusCode(),
                        response.headers().firstValue("Content-Type").orElse(""),
                        response.body());
        return response;
    }

    private OpenApiChecker checker() throws Exception {
        if (checker == null) {
            checker = OpenApiChecker.of(ServerUnderTest.Http.CLIENT
                    .send(
                            HttpRequest.newBuilder(server.http("/api/openapi.json"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
        }
        return checker;
    }
}
