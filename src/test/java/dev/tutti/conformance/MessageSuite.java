package dev.tutti.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of messages in rooms by the plain protocol: order, encoding, limits. */
abstract class MessageSuite extends DocumentSuite {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int FRAGMENT_BYTES = 10_000;
    /** For 250,000 deliveries by a container that shares two cores with its clients. */
    private static final Duration FAN_OUT_TIMEOUT = Duration.ofMinutes(2);

    private static final Jsonb JSONB = JsonbBuilder.create();

    MessageSuite(ServerUnderTest server) {
        super(server);
    }

    @Test
    void senderReceivesItsOwnMessage() throws Exception {
        JdkClient sender = join();
        JdkClient other = join();

        sender.send("\"hello\"");

        awaitReceived(List.of("\"hello\""), sender, other);
    }

    @Test
    void messageIsOneTextFrameWithJsonString() throws Exception {
        RawClient client = connect();

        client.sendText(" \"h\\u0065llo\"\n");

        RawClient.Frame frame = client.read();
        assertThat(frame.last()).isTrue();
        assertThat(frame.opcode()).isEqualTo(RawClient.TEXT);
        assertThat(new String(frame.payload(), UTF_8)).isEqualTo("\"hello\"");
    }

    @Test
    void unknownSubprotocolIsNotEchoed() throws Exception {
        RawClient client = connect("Sec-WebSocket-Protocol: chat.example, superchat");

        assertThat(client.headerNames()).doesNotContain("sec-websocket-protocol");
        client.sendText("\"hello\"");
        assertThat(client.readText()).isEqualTo("\"hello\"");
    }

    @Test
    void messageStaysInItsRoom() throws Exception {
        JdkClient everywhere = join("/ws");
        JdkClient red = join("/ws/red");
        JdkClient alsoRed = join("/ws/r%65d");
        JdkClient blue = join("/ws/blue" + (server.acceptsColonInPath() ? ":1" : "") + "@home~x.y_z-");

        everywhere.send("\"all\"");
        red.send("\"red\"");
        blue.send("\"blue\"");

        awaitReceived(List.of("\"red\""), red, alsoRed);
        awaitReceived(List.of("\"blue\""), blue);
        awaitReceived(List.of("\"all\""), everywhere);
    }

    @Test
    void queryParameterDoesNotNameARoom() throws Exception {
        JdkClient red = join("/ws/red?room=blue");
        JdkClient alsoRed = join("/ws/red");
        JdkClient blue = join("/ws/blue");

        red.send("\"red\"");
        blue.send("\"blue\"");

        awaitReceived(List.of("\"red\""), red, alsoRed);
        awaitReceived(List.of("\"blue\""), blue);
    }

    @Test
    void pingsAreAnsweredBetweenMessages() throws Exception {
        int messages = 300;
        int pings = 10; // below the limit of pending pongs, so all get an answer
        JdkClient sender = join();
        RawClient pinging = connect();
        pinging.sendText("\"here\"");
        assertThat(pinging.readText()).isEqualTo("\"here\""); // from now on it receives everything

        for (int i = 0; i < messages; i++) {
            sender.send("\"" + i + "\"");
            if (i < pings) {
                pinging.send(RawClient.PING, true, new byte[] {(byte) i});
            }
        }

        List<String> received = new ArrayList<>();
        List<Integer> answered = new ArrayList<>();
        while (received.size() < messages || answered.size() < pings) {
            RawClient.Frame frame = pinging.read();
            if (frame.opcode() == RawClient.PONG) {
                answered.add((int) frame.payload()[0]);
            } else {
                received.add(new String(frame.payload(), UTF_8));
            }
        }
        assertThat(received)
                .isEqualTo(IntStream.range(0, messages)
                        .mapToObj(i -> "\"" + i + "\"")
                        .toList());
        assertThat(answered).isEqualTo(IntStream.range(0, pings).boxed().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a%3Ab"})
    void roomNameMayHaveColon(String room) throws Exception {
        try (RawClient client = RawClient.connect(server, "/ws/" + room, 0)) {
            assertThat(client.status()).isEqualTo(server.acceptsColonInPath() ? 101 : 503);
            if (client.status() == 101) {
                assertThat(client.closeCleanly().code()).isEqualTo(1000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".hidden",
                "a%20b",
                "caf%25",
                "cafe%CC%81", // not NFC
                "%25C3%25A9", // encoded twice
                "caf%C3", // half a letter
                "%C1%A1", // overlong
                "%ED%A0%81", // half a surrogate pair
                "%ED%A0%81%ED%B0%B7", // as Java writes a pair
                "a%E2%80%AEb"
            })
    void invalidRoomNameIsRefused(String room) throws Exception {
        assertRoomRefused(room);
    }

    /** The name "Größe日本𐐷", in two of its encodings. */
    @Test
    void roomNameIsOfAnyScript() throws Exception {
        JdkClient one = join("/ws/Gr%C3%B6%C3%9Fe%E6%97%A5%E6%9C%AC%F0%90%90%B7");
        JdkClient other = join("/ws/%47r%c3%b6%c3%9fe%e6%97%a5%e6%9c%ac%f0%90%90%b7");

        one.send("\"hello\"");

        awaitReceived(List.of("\"hello\""), one, other);
    }

    @Test
    void roomNameOver128CharactersIsRefused() throws Exception {
        JdkClient atTheLimit = join("/ws/" + "r".repeat(128));
        atTheLimit.send("\"hello\"");
        awaitReceived(List.of("\"hello\""), atTheLimit);

        assertRoomRefused("r".repeat(129));
    }

    @Test
    void allClientsReceiveOneOrder() throws Exception {
        int senders = 50;
        int each = 100;
        List<JdkClient> all = join(senders);

        for (int i = 0; i < each; i++) {
            for (int sender = 0; sender < senders; sender++) {
                all.get(sender).send("\"" + sender + ":" + i + "\"");
            }
        }

        List<String> order = awaitCount(senders * each, all);
        Map<String, List<String>> bySender = order.stream()
                .collect(groupingBy(message -> message.substring(1).split(":", 2)[0]));
        assertThat(bySender).hasSize(senders);
        bySender.forEach((sender, messages) -> assertThat(messages)
                .isEqualTo(IntStream.range(0, each)
                        .mapToObj(i -> "\"" + sender + ":" + i + "\"")
                        .toList()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hello            | starts with another character",
                "'hello'          | starts with another character",
                "\"hello          | no closing quote",
                "\"hello\\\"      | no closing quote",
                "\"he\\xllo\"     | bad escape",
                "\"he\\u00zzllo\" | bad escape",
                "`\"he\nllo\"`    | control character",
                "42               | starts with another character",
                "null             | starts with another character",
                "true             | starts with another character",
                "[\"hello\"]      | starts with another character",
                "{\"a\":\"b\"}    | starts with another character",
                "\"hello\" x      | data after the closing quote",
                "\"a\"\"b\"       | data after the closing quote",
                "\"a\",\"b\"      | data after the closing quote",
                "``               | empty message",
                "` \t\r\n`        | empty message",
            })
    void invalidJsonStringClosesSenderWith1007(String frame, String fault) throws Exception {
        assertClosedOthersUnaffected(client -> client.sendText(frame), 1007, fault);
    }

    @Test
    void binaryMessageClosesSenderWith1003() throws Exception {
        byte[] hello = "\"hello\"".getBytes(UTF_8);
        assertClosedOthersUnaffected(client -> client.send(RawClient.BINARY, true, hello), 1003, "text is expected");
    }

    @ParameterizedTest
    @ValueSource(ints = {MAX_BYTES + 1, 200 * 1024})
    void frameOver64KiBClosesSenderWith1009(int bytes) throws Exception {
        assertClosedOthersUnaffected(client -> client.sendText(stringOf(bytes, "a")), 1009, "");
    }

    @ParameterizedTest
    @ValueSource(ints = {MAX_BYTES + 1, 200 * 1024})
    void fragmentsOver64KiBCloseSenderWith1009(int bytes) throws Exception {
        assertClosedOthersUnaffected(client -> client.sendFragments(stringOf(bytes, "a"), FRAGMENT_BYTES), 1009, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "é", "€", "😀"})
    void messageOf64KiBIsDelivered(String character) throws Exception {
        JdkClient other = join();
        RawClient sender = connect();
        String message = stringOf(MAX_BYTES, character);

        sender.sendText(message);
        sender.sendFragments(message, FRAGMENT_BYTES);

        awaitReceived(List.of(message, message), other);
        assertThat(sender.readText()).isEqualTo(message);
    }

    static Stream<String> strings() {
        return Stream.of(
                "\"\"",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                "\"\\u0000 and \\u001f and \\u007f\"",
                "\"\\u00e9 é \\u20ac €\"",
                "\"😀 \\ud83d\\ude00 👩‍👩‍👧\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800 either way around\"",
                "\"\\u2028\\u2029 and <script>&amp;\"");
    }

    @ParameterizedTest
    @MethodSource("strings")
    void anyStringIsPreserved(String frame) throws Exception {
        JdkClient other = join();
        RawClient sender = connect();

        sender.sendText(frame);

        await().atMost(TIMEOUT).until(() -> other.count() == 1);
        assertThat(JSONB.fromJson(other.received().get(0), String.class))
                .isEqualTo(JSONB.fromJson(frame, String.class));
    }

    /** Expects a refused handshake or, from servers that cannot refuse it, a close with a reason. */
    private void assertRoomRefused(String room) throws IOException {
        try (RawClient client = RawClient.connect(server, "/ws/" + room, 0)) {
            if (client.status() == 101) {
                RawClient.End end = client.readToEnd();
                assertThat(end.code()).isEqualTo(1008);
                assertThat(end.reason()).contains("not a room name");
            } else {
                assertThat(client.status()).isEqualTo(400);
            }
        }
    }

    /** Input that the server must refuse. */
    private interface BadInput {
        void by(RawClient client) throws IOException;
    }

    /** Sends bad input, expects a close with this code and reason, and that other clients receive nothing of it and can continue. */
    private void assertClosedOthersUnaffected(BadInput input, int code, String fault) throws Exception {
        JdkClient other = join();
        RawClient bad = connect();
        bad.sendText("\"before\"");
        assertThat(bad.readText()).isEqualTo("\"before\"");
        awaitReceived(List.of("\"before\""), other);
        awaitClients(2); // nothing is in flight: some containers close without a frame in the middle of a send

        try {
            input.by(bad);
        } catch (IOException e) {
            // the server closed before the end of the message
        }

        RawClient.End end = bad.readToEnd();
        assertThat(end.code()).as(end.toString()).isEqualTo(code);
        assertThat(end.reason()).contains(fault);
        awaitClients(1);
        other.send("\"after\"");
        awaitReceived(List.of("\"before\"", "\"after\""), other);
    }

    /** Returns a JSON string of exactly {@code bytes} bytes in UTF-8, including its quotes. */
    private static String stringOf(int bytes, String character) {
        int size = character.getBytes(UTF_8).length;
        int content = bytes - 2;
        return '"' + character.repeat(content / size) + "a".repeat(content % size) + '"';
    }

    List<JdkClient> join(int count) throws Exception {
        List<JdkClient> joined = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            joined.add(join());
        }
        return joined;
    }

    RawClient connect(String... headerLines) throws IOException {
        return connect(0, headerLines);
    }

    RawClient connect(int receiveBufferBytes, String... headerLines) throws IOException {
        RawClient client = RawClient.connect(server, "/ws", receiveBufferBytes, headerLines);
        clients.add(client);
        assertThat(client.status()).isEqualTo(101);
        return client;
    }

    static void awaitReceived(List<String> messages, JdkClient... all) {
        for (JdkClient client : all) {
            await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(5)).until(() -> client.count() >= messages.size());
            assertThat(client.received()).isEqualTo(messages);
        }
    }

    /** Waits until all clients have received {@code messages} messages in the same order, and returns them. */
    static List<String> awaitCount(int messages, List<JdkClient> all) {
        for (JdkClient client : all) {
            await().atMost(FAN_OUT_TIMEOUT)
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> assertThat(client.count()).isEqualTo(messages));
        }
        List<String> order = all.get(0).received();
        assertThat(order).doesNotHaveDuplicates();
        for (JdkClient client : all) {
            assertThat(client.received().equals(order))
                    .as("all receive one order")
                    .isTrue();
        }
        return order;
    }
}
