package dev.tutti.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import dev.tutti.conformance.TuttiClient;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rooms of a server that is killed under load, and started again. */
@Timeout(300)
class DurableRoomsIT {
    private static final int KILLS = Integer.getInteger("tutti.kills", 1);
    private static final int PUBLISHERS = 4;

    /** Publications that wait for their acknowledgements, of each publisher. */
    private static final int WINDOW = 10;

    private static final String ROOM = "'room':'board'";

    @TempDir
    Path cache;

    @TempDir
    Path directory;

    private WarProcess server;
    private int port;

    /** A program that publishes with keys, and repeats unacknowledged publications after a restart. */
    private final class Publisher {
        private final int number;
        private final Map<Integer, Long> acknowledged = new TreeMap<>();
        private TuttiClient client;
        private int sent;

        Publisher(int number) {
            this.number = number;
        }

        void connect() throws Exception {
            client = TuttiClient.connect(URI.create("ws://127.0.0.1:" + port + "/connect"));
            client.ask("'type':'authenticate','guest':'publisher-with-keys-" + number + "'");
            client.ask("'type':'join'," + ROOM);
            for (int id = 1; id <= sent; id++) {
                if (!acknowledged.containsKey(id)) {
                    send(id);
                }
            }
        }

        private void send(int id) {
            client.send("{'type':'publish','id':" + id + "," + ROOM + ",'data':'" + data(id) + "','key':'" + data(id)
                    + "'}");
        }

        String data(int id) {
            return number + "-" + id;
        }

        void fill() {
            collect();
            while (sent < acknowledged.size() + WINDOW) {
                send(++sent);
            }
        }

        int collect() {
            for (JsonObject answer : client.received("ok")) {
                if (!answer.containsKey("position")) {
                    continue; // of another request
                }
                acknowledged.put(
                        answer.getInt("id"),
                        answer.getJsonObject("position").getJsonNumber("offset").longValue());
            }
            return acknowledged.size();
        }
    }

    private void start() throws Exception {
        server = WarProcess.start(
                cache,
                Map.of("TUTTI_DATA", directory.toString()),
                "--host=127.0.0.1",
                "--port=0",
                "--history-store=durable",
                "--history=*=100000/100000000/100000",
                "--max-messages-per-second=0");
        port = server.awaitPort();
    }

    @Test
    void acknowledgedPublicationsSurviveKills() throws Exception {
        start();
        List<Publisher> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.add(new Publisher(i));
        }
        JsonObject since = null;
        for (int kill = 0; kill <= KILLS; kill++) {
            TuttiClient reader = TuttiClient.connect(URI.create("ws://127.0.0.1:" + port + "/connect"));
            since = rejoin(reader, since, publishers);
            for (Publisher publisher : publishers) {
                publisher.connect();
            }
            long enough = (kill + 1) * 200L;
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        publishers.forEach(Publisher::fill);
                        return publishers.stream().mapToInt(Publisher::collect).sum() >= enough;
                    });
            if (kill < KILLS) {
                server.kill();
                publishers.forEach(Publisher::collect);
                since = last(reader, since);
                start();
            } else {
                for (Publisher publisher : publishers) {
                    await().until(() -> publisher.collect() == publisher.sent);
                }
                reader.awaitAll("message", 1);
                since = reader.ask("'type':'history'," + ROOM + ",'limit':1").getJsonObject("position");
            }
        }
        server.terminate();
        assertThat(server.awaitExit()).isZero();
        start();
        TuttiClient reader = TuttiClient.connect(URI.create("ws://127.0.0.1:" + port + "/connect"));
        JsonObject joined = reader.ask("'type':'join'," + ROOM + ",'since':" + since);
        assertThat(joined.getBoolean("recovered"))
                .as("recovered after a clean stop")
                .isTrue();
        assertThat(joined.getJsonObject("position")).isEqualTo(since);
        check(reader, publishers);
        expectHistoryOverHttp();
        server.terminate();
        server.awaitExit();
    }

    /** A client joins with the last position that it has seen. Returns the position of the room. */
    private JsonObject rejoin(TuttiClient reader, JsonObject since, List<Publisher> publishers) {
        JsonObject joined = reader.ask("'type':'join'," + ROOM + (since == null ? "" : ",'since':" + since));
        JsonObject position = joined.getJsonObject("position");
        if (since != null) {
            check(reader, publishers);
            boolean isStored = since.getJsonNumber("offset").longValue()
                    <= position.getJsonNumber("offset").longValue();
            assertThat(position.getString("epoch")).isNotEqualTo(since.getString("epoch"));
            assertThat(joined.getBoolean("recovered")).isEqualTo(isStored);
        }
        return position;
    }

    /** Returns the position of the last publication that a client has received. */
    private static JsonObject last(TuttiClient reader, JsonObject joined) {
        List<JsonObject> messages = reader.received("message");
        long offset = joined.getJsonNumber("offset").longValue();
        for (JsonObject message : messages) {
            assertThat(message.getJsonNumber("offset").longValue()).isEqualTo(++offset);
        }
        return Json.createObjectBuilder(joined).add("offset", offset).build();
    }

    /** Every acknowledged publication is in the history, at its offset, and none is there twice. */
    private static void check(TuttiClient reader, List<Publisher> publishers) {
        Map<Long, String> held = new HashMap<>();
        JsonObject page = reader.ask("'type':'history'," + ROOM + ",'limit':1000");
        while (true) {
            page.getJsonArray("messages")
                    .getValuesAs(JsonObject.class)
                    .forEach(message ->
                            held.put(message.getJsonNumber("offset").longValue(), message.getString("data")));
            if (!page.getBoolean("more")) {
                break;
            }
            JsonObject before = Json.createObjectBuilder(page.getJsonObject("position"))
                    .add(
                            "offset",
                            page.getJsonArray("messages").getJsonObject(0).getJsonNumber("offset"))
                    .build();
            page = reader.ask("'type':'history'," + ROOM + ",'limit':1000,'before':" + before);
        }
        Set<String> different = new HashSet<>(held.values());
        assertThat(different).hasSameSizeAs(held.keySet());
        for (Publisher publisher : publishers) {
            publisher.acknowledged.forEach(
                    (id, offset) -> assertThat(held.get(offset)).isEqualTo(publisher.data(id)));
        }
    }

    private void expectHistoryOverHttp() throws Exception {
        URI publications = URI.create("http://127.0.0.1:" + port + "/api/rooms/board/publications");
        HttpClient http = HttpClient.newHttpClient();
        HttpResponse<String> page =
                http.send(HttpRequest.newBuilder(publications).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("\"position\"", "\"data\"");
    }
}
