package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.WarProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages that {@code java -jar tutti.war} serves, and the files that it does not. */
class WarPagesIT {
    @TempDir
    static Path cache;

    private static final HttpClient http = HttpClient.newHttpClient();
    private static WarProcess shared;
    private static int port;

    @BeforeAll
    static void startServer() throws IOException {
        shared = WarProcess.start(cache, Map.of(), "--host", "127.0.0.1", "--port", "0");
        port = shared.awaitPort();
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        shared.terminate();
        shared.awaitExit();
        assertThat(shared.out()).as("one line, with the address").hasSize(1);
        assertThat(shared.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html;charset=utf-8",
        "/index.html, text/html;charset=utf-8",
        "/style.css, text/css;charset=utf-8",
        "/broadcast.js, text/javascript;charset=utf-8",
        "/tutti.js, text/javascript;charset=utf-8",
        "/tutti.d.ts, text/plain;charset=utf-8",
        "/favicon.svg, image/svg+xml",
    })
    void pagesHaveTypeTagAndCompression(String path, String type) throws Exception {
        HttpResponse<byte[]> plain = get(path);
        assertThat(plain.statusCode()).isEqualTo(200);
        assertThat(plain.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(plain.body()).isNotEmpty();

        HttpResponse<byte[]> gzipped = get(path, "Accept-Encoding", "br, gzip");
        assertThat(gzipped.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(gzipped.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(gzipped.headers().firstValue("Vary")).hasValue("Accept-Encoding");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(gzipped.body())))
                .hasBinaryContent(plain.body());

        String tag = plain.headers().firstValue("ETag").orElseThrow();
        for (String known : List.of(tag, "\"other\", " + tag)) {
            HttpResponse<byte[]> unchanged = get(path, "If-None-Match", known);
            assertThat(unchanged.statusCode()).as(known).isEqualTo(304);
            assertThat(unchanged.body()).isEmpty();
        }
        assertThat(get(path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    }

    @Test
    void healthIsJson() throws Exception {
        HttpResponse<byte[]> health = get("/health");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(new String(health.body(), UTF_8)).startsWith("{\"status\":\"ok\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/no-such-page",
                "/package.json",
                "/README.md",
                "/client/package.json",
                "/client/react.js",
                "/editor/package.json",
                "/editor/document.js",
                "/editor/node_modules/yjs/package.json",
                "/WEB-INF/",
                "/WEB-INF/lib/tutti-classes.jar",
                "/WEB-INF/lib-standalone/tutti-standalone.jar",
                "/META-INF/MANIFEST.MF",
                "/META-INF/maven/dev.tutti/tutti/pom.properties",
                "/dev/tutti/launcher/Launcher.class",
                "/web-inf/lib/tutti-classes.jar",
                "//META-INF/MANIFEST.MF",
                "/./META-INF/MANIFEST.MF",
                "/index.html/../META-INF/MANIFEST.MF",
                "/../META-INF/MANIFEST.MF",
                "/../../../../../../etc/passwd",
                "/..%2f..%2f..%2f..%2f..%2fetc/passwd",
                "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "/%252e%252e/%252e%252e/etc/passwd",
                "/..%c0%af..%c0%afetc/passwd",
                "/..\\..\\..\\etc\\passwd",
                "/%4dETA-INF/MANIFEST.MF",
                "/META-INF%2fMANIFEST.MF",
                "/META-INF/MANIFEST.MF%00.html",
                "/META-INF;a=b/MANIFEST.MF",
                "/META-INF/MANIFEST.MF?x=/index.html",
                "http://127.0.0.1/META-INF/MANIFEST.MF",
                "file:///etc/passwd",
                "META-INF/MANIFEST.MF",
                "*",
            })
    void otherFilesAreNotServed(String target) throws Exception {
        String response = RunnableWarIT.exchange(
                port, "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        assertThat(response).matches("(?s)HTTP/1\\.[01] (400|404) .*");
        assertThat(response).doesNotContain("Manifest-Version", "Launcher", "groupId", "root:", "PK\u0003\u0004");
    }

    @Test
    void writingMethodsGet405() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            HttpRequest request = request("/index.html")
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).as(method).isEqualTo(405);
            assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
        }
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + "127.0.0.1" + ":" + port + path));
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = request(path);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }
}
