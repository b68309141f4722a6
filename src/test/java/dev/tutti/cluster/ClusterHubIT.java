package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.event.Event;
import dev.tutti.event.TuttiListener;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Position;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.plain.Message;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.plain.PlainSession;
import dev.tutti.security.Access;
import dev.tutti.security.UnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rooms of several servers in one JVM, on one Redis. */
class ClusterHubIT extends ClusterServers {
    private static final String ROOM = "team";

    private ClusterHub server(Map<String, String> settings) {
        ClusterHub server = start(settings, ClusterMetrics.NONE);
        return server;
    }

    private static CompletableFuture<Position> publish(ClusterHub server, String data) {
        return server.hub().publish(ROOM, '"' + data + '"', null).toCompletableFuture();
    }

    @Test
    void serverStartsWithoutRedisAndConnectsLater() throws IOException {
        redis.kill();
        ClusterHub server = server(Map.of());
        await().until(() -> server.cluster().problem().reason().contains("Unable to connect"));
        assertThatThrownBy(() -> publish(server, "too early")).isInstanceOf(UnavailableException.class);
        List<String> observed = observe(server);

        redis.start();
        server.awaitConnection();
        assertThat(publish(server, "1")).succeedsWithin(10, TimeUnit.SECONDS);
        await().until(() -> observed.equals(List.of("\"1\"")));
    }

    private static List<String> observe(ClusterHub server) {
        List<String> observed = new CopyOnWriteArrayList<>();
        var unused = server.hub().observe(ROOM, publication -> observed.add(publication.data()), server.threads());
        return observed;
    }

    @Test
    void allServersDeliverOneOrderAndOneNotifies() {
        List<List<String>> observed = new ArrayList<>();
        List<String> notified = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 3; i++) {
            ClusterHub server = server(Map.of());
            server.awaitConnection();
            observed.add(observe(server));
            var unused = server.hub().listen(new Listener(notified), server.threads());
            assertThat(publish(server, "first")).succeedsWithin(10, TimeUnit.SECONDS); // now it follows the room
        }
        await().until(() ->
                notified.size() == 3 && observed.stream().mapToInt(List::size).sum() == 3 + 2 + 1);
        observed.forEach(List::clear);
        notified.clear();
        int each = 100;
        List<CompletableFuture<Position>> published = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            for (ClusterHub server : servers) {
                published.add(publish(server, server.hashCode() + "-" + i));
            }
        }
        assertThat(published).allSatisfy(position -> assertThat(position).succeedsWithin(10, TimeUnit.SECONDS));

        await().until(() -> observed.stream().allMatch(list -> list.size() == 3 * each));
        assertThat(observed.get(1)).isEqualTo(observed.get(0));
        assertThat(observed.get(2)).isEqualTo(observed.get(0));
        assertThat(published)
                .extracting(position -> position.join().offset())
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(4, 3 + 3 * each).boxed().toList());
        await().until(() -> notified.size() == 3 * each);
        assertThat(notified).containsExactlyInAnyOrderElementsOf(observed.get(0));
    }

    @Test
    void messagesOfAnotherVersionAreIgnoredAndLoggedOnce() throws IOException {
        ClusterHub server = server(Map.of());
        server.awaitConnection();
        List<String> observed = observe(server);
        assertThat(publish(server, "1")).succeedsWithin(10, TimeUnit.SECONDS);
        List<String> logged = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger(RedisLogs.class.getName());
        Filter former = logger.getFilter();
        logger.setFilter(line -> {
            logged.add(line.getMessage());
            return false;
        });
        try {
            String channel = RoomKeys.of("test", ROOM).channel();
            for (int i = 0; i < 3; i++) {
                assertThat(redis.send("PUBLISH " + channel + " \"a later version\""))
                        .isEqualTo(":1");
            }
            assertThat(publish(server, "2")).succeedsWithin(10, TimeUnit.SECONDS);
            await().until(() -> observed.equals(List.of("\"1\"", "\"2\"")));
        } finally {
            logger.setFilter(former);
        }
        assertThat(logged).hasSize(1);
    }

    private record Listener(List<String> notified) implements TuttiListener {
        @Override
        public List<String> publicationsOf() {
            return List.of(ROOM);
        }

        @Override
        public void published(Event.Published event) {
            notified.add(event.data());
        }
    }

    @Test
    void messagesOfPlainClientsWaitForASlowRedis() throws Exception {
        ClusterHub server = server(Map.of("max-room-queued-bytes", "4000"));
        server.awaitConnection();
        Frames frames = new Frames();
        PlainSession session = join(server, frames);
        session.receive(new Message.Text("before"));
        await().until(() -> frames.texts.equals(List.of("\"before\"")));

        redis.suspend();
        List<String> sent = new ArrayList<>(frames.texts);
        for (int i = 0; i < 10; i++) {
            session.receive(new Message.Text("message " + i));
            sent.add("\"message " + i + '"');
        }
        redis.resume();
        await().until(() -> frames.texts.equals(sent));

        redis.suspend();
        for (int i = 0; i < 40; i++) {
            session.receive(new Message.Text("message " + i));
        }
        redis.resume();
        await().until(() -> frames.code.get() == CloseCode.TRY_LATER);
    }

    private static PlainSession join(ClusterHub server, Frames frames) {
        Client client = server.hub().connect(frames, PlainProtocol.OF_ROOM, "", Access.unrestricted(""));
        PlainSession session = PlainSession.joinRoom(client, ROOM);
        await().until(() -> client.memberships().get(ROOM) != null);
        return session;
    }

    /** A connection that takes each frame at once. */
    private static final class Frames implements Transport {
        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final AtomicReference<@Nullable CloseCode> code = new AtomicReference<>();

        @Override
        public int send(Batch batch, int from, Completion done) {
            for (int i = from; i < batch.size(); i++) {
                texts.add(batch.frame(i).text());
            }
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {
            handedOver.run();
        }

        @Override
        public void close(CloseCode closeCode, String reason) {
            code.set(closeCode);
        }
    }

    @Test
    void restartOfRedisClosesPlainClients() throws IOException {
        ClusterHub server = server(Map.of());
        server.awaitConnection();
        Frames frames = new Frames();
        join(server, frames);
        redis.kill();
        redis.start();

        await().until(() -> frames.code.get() == CloseCode.GOING_AWAY);
    }
}
