package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of Yjs documents, byte by byte. {@code ProvidersIT} covers stock providers. */
abstract class DocumentSuite extends TuttiV1Suite {
    /** Client 1 writes "hi" into the text "t": one client, one struct, its id, clock 0; a string in a root type; no deletes. */
    private static final String UPDATE = "010101000401" + "0174" + "026869" + "00";

    private static final String EMPTY_STATE_VECTOR = "00000100";

    /** The last client of Yjs; less than 128, so that it takes a byte. */
    private static final AtomicInteger CLIENTS = new AtomicInteger(1);

    DocumentSuite(ServerUnderTest server) {
        super(server);
    }

    private RawClient edit(String document) throws IOException {
        RawClient client = RawClient.connect(server, "/yjs/" + document, 0);
        clients.add(client);
        assertThat(client.status()).isEqualTo(101);
        return client;
    }

    private static void send(RawClient client, String hex) throws IOException {
        client.send(RawClient.BINARY, true, HexFormat.of().parseHex(hex));
    }

    private static String read(RawClient client) throws IOException {
        RawClient.Frame frame = client.read();
        assertThat(frame.opcode()).isEqualTo(RawClient.BINARY);
        return HexFormat.of().formatHex(frame.payload());
    }

    /** Returns {@link #UPDATE} of another client of Yjs each time: with the same one, the editor would have a copy of a document that was deleted before. */
    private static String updateOfAnother() {
        return String.format("%s%02x%s", UPDATE.substring(0, 4), CLIENTS.incrementAndGet(), UPDATE.substring(6));
    }

    /** Returns a frame of the sync protocol. */
    private static String sync(int step, String payload) {
        return String.format("00%02x%02x%s", step, payload.length() / 2, payload);
    }

    @Test
    void updateReachesAllClientsAndLatecomers() throws Exception {
        RawClient author = edit("conformance");
        RawClient other = edit("conformance");
        assertThat(read(author)).isEqualTo(EMPTY_STATE_VECTOR);
        assertThat(read(other)).isEqualTo(EMPTY_STATE_VECTOR);

        send(author, sync(2, UPDATE));
        assertThat(read(author)).isEqualTo(sync(2, UPDATE));
        assertThat(read(other)).isEqualTo(sync(2, UPDATE));

        RawClient late = edit("conformance");
        assertThat(read(late)).isEqualTo(sync(0, "010102")); // 2 structs of client 1
        send(late, sync(0, "00"));
        assertThat(read(late)).isEqualTo(sync(1, UPDATE));
        send(late, sync(0, "010102"));
        assertThat(read(late)).isEqualTo(sync(1, "0000"));
    }

    @Test
    void awarenessIsBroadcastAndRemovedOnClose() throws Exception {
        RawClient guest = edit("people");
        RawClient watcher = edit("people");
        read(guest);
        read(watcher);

        send(guest, "01" + "06" + "01" + "07" + "01" + "027b7d"); // client 7, clock 1, {}
        String shown = "010601" + "07.." + "027b7d"; // the server increments the clock when it repeats a state
        assertThat(read(watcher)).matches(shown);
        assertThat(read(guest)).matches(shown);
        guest.send(RawClient.CLOSE, true, new byte[] {0x03, (byte) 0xe8});
        String gone = "010801" + "07.." + "046e756c6c"; // client 7, a later clock, null
        await().until(() -> read(watcher).matches(gone));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 09, 1007", // no such kind of message
        "2, 0002c80100, 1007", // more bytes announced than there are
        "2, 00020a0180ade2040100000000, 1007", // ten million structs
        "2, 01020501, 1007", // no awareness update
        "1, 6869, 1003" // text
    })
    void malformedMessageClosesSenderOnly(int opcode, String hex, int code) throws Exception {
        RawClient other = edit("sound");
        read(other);
        RawClient bad = edit("sound");
        read(bad);

        bad.send(opcode, true, HexFormat.of().parseHex(hex));

        assertThat(bad.readToEnd().code()).isEqualTo(code);
        send(other, sync(0, "00"));
        assertThat(read(other)).isEqualTo(sync(1, "0000"));
    }

    @Test
    void messageOver4MiBClosesSenderWith1009() throws Exception {
        RawClient bad = edit("large");
        read(bad);
        try {
            bad.send(RawClient.BINARY, true, new byte[(4 << 20) + 1]);
        } catch (IOException e) {
            // the server closed before the end of the message
        }
        assertThat(bad.readToEnd().code()).isEqualTo(1009);
    }

    @Test
    void updateIsConfirmedOnRequest() throws Exception {
        RawClient author = edit("confirmed");
        read(author);
        send(author, sync(2, UPDATE));
        send(author, "66" + "02" + "cafe");
        List<String> received = List.of(read(author), read(author));
        assertThat(received).containsExactlyInAnyOrder(sync(2, UPDATE), "66" + "02" + "cafe");
        HttpResponse<String> stored = request("GET", "/confirmed/stored", null);
        assertThat(stored.statusCode()).isEqualTo(200);
        assertThat(stored.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(stored.body())
                .isEqualTo(
                        "{\"document\":\"confirmed\",\"incarnation\":0,\"stateVector\":\"AQEC\",\"complete\":true,\"failure\":null}");
    }

    @Test
    void hocuspocusClientSharesDocuments() throws Exception {
        String key = "0b" + HexFormat.of().formatHex("hocuspocus1".getBytes(US_ASCII));
        RawClient author = RawClient.connect(server, "/hocuspocus", 0);
        clients.add(author);
        send(author, key + "020000"); // a token
        assertThat(read(author)).isEqualTo(key + "02020a" + HexFormat.of().formatHex("read-write".getBytes(US_ASCII)));
        send(author, key + sync(0, "00"));
        assertThat(read(author)).isEqualTo(key + sync(1, "0000"));
        assertThat(read(author)).isEqualTo(key + sync(0, "00"));
        RawClient other = edit("hocuspocus1");
        read(other);
        send(author, key + sync(2, UPDATE));
        assertThat(read(other)).isEqualTo(sync(2, UPDATE));
        assertThat(List.of(read(author), read(author))).contains(key + "0801"); // stored
        send(author, key + "060161"); // for servers only
        assertThat(author.readToEnd().code()).isEqualTo(4205);
    }

    @Test
    void closedDocumentsAreListedAndDeleted() throws Exception {
        RawClient author = edit("listed-1");
        read(author);
        send(author, sync(2, UPDATE));
        read(author);
        HttpResponse<String> list = request("GET", "?prefix=listed-", null);
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.body())
                .matches("\\{\"documents\":\\[\\{\"name\":\"listed-1\",\"bytes\":12,"
                        + "\"changed\":\"20[^\"]+Z\",\"open\":1}],\"more\":false}");
        assertThat(request("DELETE", "/listed-1", null).statusCode()).isEqualTo(409);
        assertThat(request("DELETE", "/listed-2", null).statusCode()).isEqualTo(404);
        assertThat(request("DELETE", "/listed-1", "http://elsewhere.example").statusCode())
                .isEqualTo(403);
        author.send(RawClient.CLOSE, true, new byte[] {0x03, (byte) 0xe8});
        await().untilAsserted(() ->
                assertThat(request("DELETE", "/listed-1", null).statusCode()).isEqualTo(204));
        assertThat(request("GET", "?prefix=listed-", null).body()).isEqualTo("{\"documents\":[],\"more\":false}");
        assertThat(http("GET", "/api/trash?prefix=listed-", null).body())
                .matches("\\{\"documents\":\\[\\{\"name\":\"listed-1\",\"bytes\":12,"
                        + "\"deleted\":\"20[^\"]+Z\",\"expires\":\"20[^\"]+Z\"}],\"more\":false,\"next\":null}");
        assertThat(http("POST", "/api/trash/listed-1/restore", null).statusCode())
                .isEqualTo(204);
        assertThat(request("GET", "?prefix=listed-", null).body()).contains("\"name\":\"listed-1\"");
        assertThat(request("DELETE", "/listed-1", null).statusCode()).isEqualTo(204);
        RawClient copy = edit("listed-1");
        read(copy);
        send(copy, sync(2, UPDATE));
        assertThat(copy.readToEnd().code()).isEqualTo(4404);
        assertThat(http("DELETE", "/api/trash/listed-1", null).statusCode()).isEqualTo(204);
        assertThat(http("DELETE", "/api/trash/listed-1", null).statusCode()).isEqualTo(404);
        assertThat(request("GET", "?limit=0", null).statusCode()).isEqualTo(400);
        assertThat(request("POST", "/listed-1/stored", null).statusCode()).isEqualTo(405);
        assertThat(request("GET", "/.hidden/stored", null).statusCode()).isEqualTo(400);
    }

    /** The name is "Größe日本𐐷". */
    @Test
    void documentNameIsOfAnyScript() throws Exception {
        String name = "Gr%C3%B6%C3%9Fe%E6%97%A5%E6%9C%AC%F0%90%90%B7";
        RawClient author = edit(name);
        read(author);
        send(author, sync(2, UPDATE));
        read(author);
        author.send(RawClient.CLOSE, true, new byte[] {0x03, (byte) 0xe8});
        await().until(() -> request("GET", "?prefix=Gr%C3%B6", null).body().contains("\"open\":0"));

        assertThat(request("GET", "?prefix=Gr%C3%B6", null).body()).contains("\"name\":\"Größe日本𐐷\"");
        assertThat(request("GET", "/" + name + "/stored", null).body()).contains("\"document\":\"Größe日本𐐷\"");
        assertThat(request("DELETE", "/Gro%CC%88%C3%9Fe", null).statusCode()).isEqualTo(400);
        assertThat(request("DELETE", "/" + name, null).statusCode()).isEqualTo(204);
        assertThat(request("GET", "?prefix=Gr%C3%B6", null).body()).doesNotContain("Größe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api", "/api/", "/api/x", "/api/documents/a/b", "/api/documents/a/stored/b"})
    void unknownApiPathsGetJson404(String path) throws Exception {
        HttpResponse<String> answer = http("GET", path, null);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(answer.body()).isEqualTo("{\"error\":\"not_found\",\"message\":\"there is nothing here\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/documents;safe",
                "/api/documents;/safe",
                "/api;/documents/safe",
                "/api/documents/safe;x",
                "/api/documents/x/../safe",
                "/api/documents/./safe",
                "/api/documents/x/%2e%2e/safe",
                "/api/documents%2Fsafe",
                "/api/documents/%2Fsafe",
                "/api/documents//safe",
                "//api/documents/safe",
                "/api/documents/safe/"
            })
    void ambiguousPathsDeleteNothing(String path) throws Exception {
        RawClient author = edit("safe");
        read(author);
        send(author, sync(2, updateOfAnother()));
        read(author);
        author.send(RawClient.CLOSE, true, new byte[] {0x03, (byte) 0xe8});
        await().until(() -> request("GET", "?prefix=safe", null).body().contains("\"open\":0"));

        assertThat(http("DELETE", path, null).statusCode()).isBetween(400, 499);

        assertThat(request("GET", "?prefix=safe", null).body()).contains("\"name\":\"safe\"");
        assertThat(request("DELETE", "/safe", null).statusCode()).isEqualTo(204);
    }

    private HttpResponse<String> request(String method, String path, @Nullable String origin) throws Exception {
        return http(method, "/api/documents" + path, origin);
    }

    private HttpResponse<String> http(String method, String path, @Nullable String origin) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.http(path)).method(method, BodyPublishers.noBody());
        if (origin != null) {
            request.header("Origin", origin);
        }
        return ServerUnderTest.Http.CLIENT.send(request.build(), BodyHandlers.ofString());
    }
}
