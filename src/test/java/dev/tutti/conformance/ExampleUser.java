package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.StringReader;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;

/** A user of the example application: a browser's cookies, redirects and origin, without its pages. Confined to one thread. */
final class ExampleUser {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final ServerUnderTest server;
    private final String origin;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(TIMEOUT)
            .build();

    private ExampleUser(ServerUnderTest server) {
        this.server = server;
        this.origin = "http://127.0.0.1:" + server.port();
    }

    /** Returns a user who has not signed in. */
    static ExampleUser anonymous(ServerUnderTest server) {
        return new ExampleUser(server);
    }

    /** Returns a user who has signed in by the form; the password is the name. */
    static ExampleUser signedIn(ServerUnderTest server, String name) throws Exception {
        ExampleUser user = new ExampleUser(server);
        assertThat(user.signIn(name, name).body()).contains("desk.js");
        return user;
    }

    /** Opens the page and sends the form that is there instead. Returns what the browser shows then. */
    HttpResponse<String> signIn(String name, String password) throws Exception {
        assertThat(get("/").body()).contains("j_security_check");
        String form =
                "j_username=" + URLEncoder.encode(name, UTF_8) + "&j_password=" + URLEncoder.encode(password, UTF_8);
        return send(request("/j_security_check")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    /** Sends a request with a JSON text, in which single quotes stand for double quotes; empty for none. */
    HttpResponse<String> rest(String method, String path, String json) throws Exception {
        return send(request("/rest/" + path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(json.replace('\'', '"'))));
    }

    /** Returns the JSON that a resource answers. */
    JsonStructure json(String path) throws Exception {
        HttpResponse<String> response = get("/rest/" + path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        try (JsonReader reader = Json.createReader(new StringReader(response.body()))) {
            return reader.read();
        }
    }

    /** Connects to the rooms, as the page does. */
    TuttiClient connect() throws Exception {
        return TuttiClient.connect(server.webSocket("/connect"), webSocket());
    }

    /** Returns a builder with the cookies of this user and the origin of the page. */
    WebSocket.Builder webSocket() {
        return http.newWebSocketBuilder().header("Origin", origin);
    }

    private HttpRequest.Builder request(String path) {
        URI address = server.http(path);
        return HttpRequest.newBuilder(address).header("Origin", origin).timeout(TIMEOUT);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
