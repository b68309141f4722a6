package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of {@code tutti.v1}. */
abstract class TuttiV1Suite extends ApiSuite {
    TuttiV1Suite(ServerUnderTest server) {
        super(server);
    }

    TuttiClient tutti() throws Exception {
        return tutti("");
    }

    private TuttiClient tutti(String query) throws Exception {
        TuttiClient client = TuttiClient.connect(server.webSocket("/connect" + query));
        clients.add(client);
        return client;
    }

    private TuttiClient guest(String secret) throws Exception {
        TuttiClient client = tutti();
        client.ask("'type':'authenticate','guest':'" + secret + "'");
        return client;
    }

    private static List<String> strings(List<JsonObject> messages, String field) {
        return messages.stream().map(message -> message.getString(field)).toList();
    }

    private static List<Integer> offsets(List<? extends JsonValue> messages) {
        return messages.stream()
                .map(message -> message.asJsonObject().getInt("offset"))
                .toList();
    }

    private static List<String> members(JsonObject answer) {
        return answer.getJsonArray("members").stream()
                .map(member -> member.asJsonObject().getString("client"))
                .toList();
    }

    @Test
    void publicationReachesAllAndIsAcknowledged() throws Exception {
        TuttiClient sender = tutti();
        TuttiClient other = tutti();
        JsonObject joined = sender.ask("'type':'join','room':'talk'");
        other.ask("'type':'join','room':'talk'");

        JsonObject ok = sender.ask("'type':'publish','room':'talk','data':{'text':'hello ✓','n':[1,true,null]}");

        assertThat(ok.getString("type")).isEqualTo("ok");
        assertThat(ok.getJsonObject("position").getString("epoch"))
                .isEqualTo(joined.getJsonObject("position").getString("epoch"));
        for (TuttiClient client : List.of(sender, other)) {
            JsonObject message = client.awaitAll("message", 1).get(0);
            assertThat(message.getString("room")).isEqualTo("talk");
            assertThat(message.getInt("offset"))
                    .isEqualTo(ok.getJsonObject("position").getInt("offset"));
            assertThat(message.getJsonObject("from").getString("client")).isEqualTo(sender.id());
            assertThat(message.get("data").toString()).isEqualTo("{\"text\":\"hello ✓\",\"n\":[1,true,null]}");
        }
    }

    @Test
    void manyRoomsShareOneConnection() throws Exception {
        TuttiClient both = tutti();
        TuttiClient red = tutti();
        both.ask("'type':'join','room':'v1-red'");
        both.ask("'type':'join','room':'v1-blue'");
        red.ask("'type':'join','room':'v1-red'");

        both.ask("'type':'publish','room':'v1-blue','data':'b'");
        both.ask("'type':'publish','room':'v1-red','data':'r'");

        assertThat(strings(both.awaitAll("message", 2), "data")).containsExactlyInAnyOrder("b", "r");
        assertThat(strings(red.awaitAll("message", 1), "data")).containsExactly("r");
        assertThat(both.ask("'type':'leave','room':'v1-red'").getString("type")).isEqualTo("ok");
        assertThat(both.ask("'type':'publish','room':'v1-red','data':'r'").getString("code"))
                .isEqualTo("not_joined");
    }

    @Test
    void plainAndTuttiClientsShareARoom() throws Exception {
        TuttiClient tutti = tutti();
        tutti.ask("'type':'join','room':'mixed'");
        JdkClient plain = join("/ws/mixed");
        tutti.awaitAll("message", 1); // the marker message of the plain client

        plain.send("\"from plain\"");
        tutti.send("{'type':'publish','room':'mixed','data':{'not':'for plain'}}");
        tutti.send("{'type':'publish','room':'mixed','data':'to plain'}");

        assertThat(tutti.awaitAll("message", 4)).hasSize(4);
        assertThat(strings(
                        tutti.received("message").subList(1, 4).stream()
                                .filter(message -> message.get("data").getValueType() == JsonValue.ValueType.STRING)
                                .toList(),
                        "data"))
                .containsExactlyInAnyOrder("from plain", "to plain");
        TuttiClient another = tutti(); // its message is the last: nothing else is in flight
        another.ask("'type':'join','room':'mixed'");
        another.ask("'type':'publish','room':'mixed','data':'last'");
        Awaitility.await().atMost(TIMEOUT).until(() -> plain.received().contains("\"last\""));
        assertThat(plain.received()).containsExactlyInAnyOrder("\"from plain\"", "\"to plain\"", "\"last\"");
    }

    @Test
    void returningClientGetsMissedPublications() throws Exception {
        TuttiClient stays = tutti();
        TuttiClient goes = tutti();
        stays.ask("'type':'join','room':'back'");
        JsonObject joined = goes.ask("'type':'join','room':'back'");
        String epoch = joined.getJsonObject("position").getString("epoch");
        goes.ask("'type':'publish','room':'back','data':1");
        goes.abort();
        IntStream.rangeClosed(2, 100).forEach(i -> stays.send("{'type':'publish','room':'back','data':" + i + "}"));
        stays.awaitAll("message", 100);

        TuttiClient back = tutti();
        JsonObject again = back.ask("'type':'join','room':'back','since':{'epoch':'" + epoch + "','offset':1}");
        stays.ask("'type':'publish','room':'back','data':101");

        assertThat(again.getBoolean("recovered")).isTrue();
        assertThat(offsets(again.getJsonArray("messages")))
                .isEqualTo(IntStream.rangeClosed(2, 100).boxed().toList());
        assertThat(offsets(back.awaitAll("message", 1))).containsExactly(101);
        JsonObject unknown = tutti().ask("'type':'join','room':'back','since':{'epoch':'other','offset':1}");
        assertThat(unknown.getBoolean("recovered")).isFalse();
        assertThat(unknown.getJsonArray("messages")).isEmpty();
        assertThat(unknown.getInt("earliest")).isEqualTo(1);
    }

    @Test
    void repeatedRequestIsPublishedOnce() throws Exception {
        TuttiClient first = guest("0123456789abcdef");
        TuttiClient second = guest("0123456789abcdef");
        TuttiClient stranger = guest("fedcba9876543210");
        List.of(first, second, stranger).forEach(client -> client.ask("'type':'join','room':'once'"));

        JsonObject said = first.ask("'type':'publish','room':'once','data':1,'key':'k'");
        JsonObject again = second.ask("'type':'publish','room':'once','data':1,'key':'k'");
        JsonObject other = stranger.ask("'type':'publish','room':'once','data':2,'key':'k'");

        assertThat(again.getJsonObject("position")).isEqualTo(said.getJsonObject("position"));
        assertThat(other.getJsonObject("position").getInt("offset")).isEqualTo(2);
        assertThat(offsets(first.awaitAll("message", 2))).containsExactly(1, 2);
    }

    @Test
    void historyIsPagedInBothDirections() throws Exception {
        TuttiClient client = tutti();
        client.ask("'type':'join','room':'pages'");
        IntStream.rangeClosed(1, 10).forEach(i -> client.send("{'type':'publish','room':'pages','data':" + i + "}"));
        client.awaitAll("message", 10);

        JsonObject latest = client.ask("'type':'history','room':'pages','limit':4");
        assertThat(offsets(latest.getJsonArray("messages"))).containsExactly(7, 8, 9, 10);
        assertThat(latest.getBoolean("more")).isTrue();
        String epoch = latest.getJsonObject("position").getString("epoch");
        JsonObject before =
                client.ask("'type':'history','room':'pages','limit':9,'before':{'epoch':'" + epoch + "','offset':7}");
        assertThat(offsets(before.getJsonArray("messages"))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(before.getBoolean("more")).isFalse();
        JsonObject since =
                client.ask("'type':'history','room':'pages','limit':2,'since':{'epoch':'" + epoch + "','offset':3}");
        assertThat(offsets(since.getJsonArray("messages"))).containsExactly(4, 5);
        assertThat(since.getBoolean("more")).isTrue();
    }

    @Test
    void membersAreListedAndAnnounced() throws Exception {
        TuttiClient ann = tutti();
        assertThat(members(ann.ask("'type':'join','room':'here','state':{'name':'Ann'}")))
                .containsExactly(ann.id());
        TuttiClient bob = tutti();
        JsonObject joined = bob.ask("'type':'join','room':'here'");
        assertThat(members(joined)).containsExactly(ann.id(), bob.id());
        assertThat(joined.getJsonArray("members")
                        .getJsonObject(0)
                        .getJsonObject("state")
                        .getString("name"))
                .isEqualTo("Ann");

        bob.ask("'type':'state','room':'here','state':{'x':1}");
        assertThat(strings(ann.awaitAll("entered", 1), "client")).containsExactly(bob.id());
        JsonObject presence = ann.awaitAll("presence", 1).get(0);
        assertThat(presence.getString("client")).isEqualTo(bob.id());
        assertThat(presence.getJsonObject("state").getInt("x")).isEqualTo(1);
        bob.close();
        assertThat(strings(ann.awaitAll("left", 1), "client")).containsExactly(bob.id());
        assertThat(members(ann.ask("'type':'members','room':'here'"))).containsExactly(ann.id());
    }

    @Test
    void twoDevicesShareOneUser() throws Exception {
        TuttiClient phone = tutti("?guest=0123456789abcdef");
        TuttiClient laptop = tutti("?guest=0123456789abcdef");
        TuttiClient nobody = tutti("?guest=tooshort");

        String user = phone.received("welcome").get(0).getString("user");
        assertThat(laptop.received("welcome").get(0).getString("user")).isEqualTo(user);
        assertThat(user).startsWith("guest:").doesNotContain("0123456789abcdef");
        assertThat(phone.id()).isNotEqualTo(laptop.id());
        assertThat(nobody.received("welcome").get(0).getString("user")).isEqualTo(nobody.id());
        assertThat(tutti().ask("'type':'authenticate','guest':'0123456789abcdef'")
                        .getString("user"))
                .isEqualTo(user);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    not json                                                 | bad_request
                    []                                                       | bad_request
                    {'type':'ping','id':1}{}                                 | bad_request
                    {'id':1}                                                 | bad_request
                    {'type':'ping'}                                          | bad_request
                    {'type':'ping','id':{}}                                  | bad_request
                    {'type':'publish','room':'none'}                         | bad_request
                    {'type':'join','id':1,'room':'r','since':1}              | bad_request
                    {'type':'history','id':1,'room':'r','limit':0}           | bad_request
                    {'type':'dance','id':1}                                  | unknown_type
                    {'type':'join','id':1,'room':'.hidden'}                  | invalid_room
                    {'type':'publish','id':1,'room':'none','data':1}         | not_joined
                    {'type':'leave','id':1,'room':'none'}                    | not_joined
                    """)
    void badRequestIsAnsweredConnectionStays(String frame, String code) throws Exception {
        TuttiClient client = tutti();

        client.send(frame.strip());

        assertThat(client.awaitAll("error", 1).get(0).getString("code")).isEqualTo(code);
        assertThat(client.ask("'type':'ping','unknown':{'field':1}").getString("type"))
                .isEqualTo("ok");
    }

    @Test
    void tenBadFramesInARowCloseWith1008() throws Exception {
        TuttiClient client = tutti();
        IntStream.range(0, 9).forEach(i -> client.send("bad"));
        client.ask("'type':'ping'");

        IntStream.range(0, 10).forEach(i -> client.send("bad"));

        assertThat(client.closeCode().get(30, TimeUnit.SECONDS)).isEqualTo(1008);
        assertThat(client.received("error")).hasSize(19);
    }

    @Test
    void requestsOfAFrameAreIndependent() throws Exception {
        TuttiClient client = tutti();

        client.send("""
                {'type':'join','id':1,'room':'lines'}
                {'type':'publish','id':2,'room':'lines','data':'é\\n✓'}
                {'type':'publish','id':3,'room':'none','data':1}
                not json
                {'type':'ping','id':4}""");

        assertThat(client.await(message -> message.getInt("id", 0) == 4).getString("type"))
                .isEqualTo("ok");
        assertThat(client.await(message -> message.getInt("id", 0) == 1).getString("type"))
                .isEqualTo("joined");
        assertThat(client.await(message -> message.getInt("id", 0) == 2).getString("type"))
                .isEqualTo("ok");
        assertThat(strings(client.awaitAll("error", 2), "code")).containsExactly("not_joined", "bad_request");
        assertThat(strings(client.awaitAll("message", 1), "data")).containsExactly("é\n✓");
    }

    @Test
    void messagesThatWaitShareFrames() throws Exception {
        TuttiClient sender = tutti();
        TuttiClient reader = tutti();
        List.of(sender, reader).forEach(client -> client.ask("'type':'join','room':'shared'"));
        int count = 400;

        sender.send(IntStream.rangeClosed(1, count)
                .mapToObj(i -> "{'type':'publish','room':'shared','data':" + i + "}")
                .collect(Collectors.joining("\n")));

        for (TuttiClient client : List.of(sender, reader)) {
            assertThat(offsets(client.awaitAll("message", count)))
                    .isEqualTo(IntStream.rangeClosed(1, count).boxed().toList());
            assertThat(client.frames()).isLessThan(count);
        }
    }

    @Test
    void frameOfRequestsOverTheLimitClosesWith1009() throws Exception {
        TuttiClient client = tutti();
        String request = "{'type':'ping','id':1,'unknown':'" + "x".repeat(1_000) + "'}";

        client.send(String.join("\n", Collections.nCopies(66, request)));

        assertThat(client.closeCode().get(30, TimeUnit.SECONDS)).isEqualTo(1009);
        assertThat(client.received("ok")).isEmpty();
    }

    @Test
    void tenBadRequestsInAFrameCloseWith1008() throws Exception {
        TuttiClient client = tutti();

        client.send(String.join("\n", Collections.nCopies(1_000, "bad")));

        assertThat(client.closeCode().get(30, TimeUnit.SECONDS)).isEqualTo(1008);
        assertThat(client.received("error")).hasSize(10);
    }

    @Test
    void rateLimitedClientMayContinueLater() throws Exception {
        TuttiClient client = tutti();
        IntStream.range(0, ServerUnderTest.MAX_MESSAGE_BURST).forEach(i -> client.send("{'type':'ping','id':'x'}"));
        JsonObject answer;
        do {
            // more per round trip than the rate permits, fewer than the server tolerates before it closes
            IntStream.range(0, 4).forEach(i -> client.send("{'type':'ping','id':'x'}"));
            answer = client.ask("'type':'ping'");
        } while (answer.getString("type").equals("ok"));

        assertThat(answer.getString("code")).isEqualTo("rate_limited");
        Awaitility.await()
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> client.ask("'type':'ping'").getString("type").equals("ok"));
    }

    @Test
    void missingSubprotocolClosesWith1008() throws Exception {
        try (RawClient client = RawClient.connect(server, "/connect", 0)) {
            assertThat(client.status()).isEqualTo(101);
            RawClient.End end = client.readToEnd();
            assertThat(end.code()).isEqualTo(1008);
            assertThat(end.reason()).contains("tutti.v1");
        }
    }

    @Test
    void binaryMessageOnConnectClosesWith1003() throws Exception {
        TuttiClient client = tutti();
        client.sendBinary(ByteBuffer.wrap(new byte[] {1}));
        assertThat(client.closeCode().get(30, TimeUnit.SECONDS)).isEqualTo(1003);
    }
}
