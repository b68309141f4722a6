package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Member;
import dev.tutti.hub.Position;
import dev.tutti.hub.Problem;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogContract;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.plain.PlainSession;
import dev.tutti.security.Access;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs on a Redis Cluster, and rooms of two servers while its slots move and a master dies. */
@Timeout(180)
class SlotsIT implements RoomLogContract {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(10);
    /** After each fault so many publications must be acknowledged in each room. */
    private static final int SOME = 20;

    @TempDir
    static Path directory;

    private static RedisMasters masters;
    private static ContractLogs logs;

    private final List<ClusterHub> servers = new ArrayList<>();
    /** By room, then by server: the data that a listener has received. */
    private final Map<String, List<List<String>>> observed = new HashMap<>();
    /** By room: the positions, by data. */
    private final Map<String, Map<String, Position>> acknowledged = new HashMap<>();

    private List<String> rooms = List.of();
    private volatile boolean isPublishing;

    @BeforeAll
    static void startRedis() throws IOException {
        masters = RedisMasters.start(directory);
        logs = new ContractLogs(
                masters.address(),
                keys -> masters.owner(RedisMasters.slot(keys.state())).hget(keys.state(), "top"));
    }

    @AfterAll
    static void stopRedis() {
        if (logs != null) {
            logs.close();
        }
        if (masters != null) {
            masters.close();
        }
    }

    @Override
    public RoomLog open(RoomLog.Subscriber subscriber) {
        return logs.open(subscriber);
    }

    @Override
    public void complete() {
        logs.complete();
    }

    @AfterEach
    void stopServers() {
        isPublishing = false;
        servers.forEach(ClusterHub::close);
    }

    private void startServers(List<String> names) {
        rooms = names;
        for (int i = 0; i < 2; i++) {
            ClusterHub server =
                    new ClusterHub("server" + i, masters.address(), Map.of("history", "*=100000/9000000/600"));
            servers.add(server);
            server.awaitConnection();
        }
        for (String room : rooms) {
            List<List<String>> lists = new ArrayList<>();
            for (ClusterHub server : servers) {
                join(server, room);
                List<String> list = new CopyOnWriteArrayList<>();
                lists.add(list);
                var unused = server.hub().observe(room, publication -> list.add(publication.data()), server.threads());
            }
            observed.put(room, lists);
            acknowledged.put(room, new ConcurrentHashMap<>());
        }
    }

    private static void join(ClusterHub server, String room) {
        Client client = server.hub().connect(new Nowhere(), PlainProtocol.OF_ROOM, "", Access.unrestricted(""));
        var unused = PlainSession.joinRoom(client, room);
        await().atMost(WAIT).pollInterval(POLL).until(() -> client.memberships().get(room) != null);
    }

    /** A connection that takes each frame at once. */
    private static final class Nowhere implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {
            handedOver.run();
        }

        @Override
        public void close(CloseCode closeCode, String reason) {}
    }

    @Test
    void slotsMoveUnderLoadWithoutALoss() throws Exception {
        startServers(List.of("garden", "kitchen", "south")); // on three masters
        List<Thread> publishers = startPublishers();
        for (int round = 0; round < 3; round++) {
            for (String room : rooms) {
                masters.moveOn(slot(room));
            }
            masters.moveOn(RedisMasters.slot("{test}"));
            awaitAcknowledgements();
        }
        stop(publishers);

        for (String room : rooms) {
            assertThat(epochs(room)).as("epochs of %s", room).hasSize(1);
            requireOneOrder(room);
            awaitMembers(room);
        }
        assertThat(servers.get(0).administration().disconnect("nobody").toCompletableFuture())
                .as("both servers answer")
                .succeedsWithin(10, TimeUnit.SECONDS);
    }

    /** The connections stay as they are, but Redis has ended the subscriptions. */
    @Test
    void slotsThatReturnAtOnceAreSubscribedAgain() throws Exception {
        startServers(List.of("garden"));
        for (String channel : List.of(RoomKeys.of("test", "garden").channel(), "{test}:servers")) {
            RedisCommands<String, String> owner = masters.owner(RedisMasters.slot(channel));
            assertThat(owner.pubsubShardNumsub(channel)).containsEntry(channel, 2L);
            masters.leaveAndReturn(RedisMasters.slot(channel));

            await().atMost(WAIT)
                    .pollInterval(POLL)
                    .untilAsserted(
                            () -> assertThat(owner.pubsubShardNumsub(channel)).containsEntry(channel, 2L));
        }
    }

    @Test
    void deathOfAMasterBeginsEpochsOfItsRoomsOnly() throws Exception {
        startServers(List.of("north", "east", "west", roomOnTheMasterOf("{test}")));
        List<Thread> publishers = startPublishers();
        awaitAcknowledgements();
        stop(publishers);
        String dying = rooms.get(3); // its master has the revocations, too
        Set<String> others = rooms.stream()
                .filter(room -> masters.owner(slot(room)) != masters.owner(slot(dying)))
                .collect(Collectors.toSet());
        assertThat(others).as("rooms on other masters").isNotEmpty();
        masters.awaitReplica(slot(dying));
        masters.configure("cluster-require-full-coverage", "no"); // the others take calls meanwhile
        masters.killOwner(slot(dying));
        assertThat(servers).allSatisfy(SlotsIT::awaitPartialProblem);
        masters.configure("cluster-require-full-coverage", "yes"); // they refuse them, until a replica has taken over
        publishers = startPublishers();
        masters.awaitOwner(slot(dying));
        awaitAcknowledgements();
        stop(publishers);

        assertThat(epochs(dying)).hasSize(2);
        assertThat(others).allSatisfy(room -> {
            assertThat(epochs(room)).hasSize(1);
            requireOneOrder(room);
            awaitMembers(room); // plain clients of the others are closed
        });
        assertThat(retained(dying))
                .as("the replica had all")
                .containsAll(acknowledged.get(dying).keySet());
    }

    private static String roomOnTheMasterOf(String tag) {
        RedisCommands<String, String> master = masters.owner(RedisMasters.slot(tag));
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "room-" + i)
                .filter(room -> masters.owner(slot(room)) == master)
                .findFirst()
                .orElseThrow();
    }

    /** A server serves the rooms of the other masters, so it should get clients. */
    private static void awaitPartialProblem(ClusterHub server) {
        await().atMost(WAIT).pollInterval(POLL).until(() -> server.cluster().problem() != null);
        Problem problem = server.cluster().problem();
        assertThat(problem).isNotNull();
        assertThat(problem.isPartial()).as(problem.reason()).isTrue();
        assertThat(problem.reason()).contains(" of 127.0.0.1:");
    }

    private static int slot(String room) {
        return RedisMasters.slot(RoomKeys.of("test", room).state());
    }

    /** Each publishes in all rooms in turn, one publication after the other, again with the same key until it is acknowledged. */
    private List<Thread> startPublishers() {
        isPublishing = true;
        List<Thread> threads = new ArrayList<>();
        for (ClusterHub server : servers) {
            for (String room : rooms) {
                Thread thread = new Thread(() -> publish(server, room));
                thread.start();
                threads.add(thread);
            }
        }
        return threads;
    }

    private void stop(List<Thread> publishers) throws InterruptedException {
        isPublishing = false;
        for (Thread publisher : publishers) {
            publisher.join();
        }
    }

    private void publish(ClusterHub server, String room) {
        String name = server.hashCode() + "-" + System.nanoTime() + "-";
        for (int i = 0; isPublishing; i++) {
            String data = '"' + name + i + '"';
            Position at = null;
            while (at == null) {
                try {
                    at = server.hub()
                            .publish(room, data, data)
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS);
                } catch (Exception e) {
                    pause();
                }
            }
            acknowledged.get(room).put(data, at);
        }
    }

    /** As a client that tries again. */
    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitAcknowledgements() {
        Map<String, Integer> before = new HashMap<>();
        acknowledged.forEach((room, all) -> before.put(room, all.size()));
        await().atMost(WAIT)
                .pollInterval(POLL)
                .untilAsserted(() -> acknowledged.forEach((room, all) ->
                        assertThat(all.size()).as(room).isGreaterThanOrEqualTo(before.get(room) + SOME)));
    }

    private Set<String> epochs(String room) {
        return acknowledged.get(room).values().stream().map(Position::epoch).collect(Collectors.toSet());
    }

    /** Each publication is there once, at the position that was acknowledged, and both servers have delivered it there. */
    private void requireOneOrder(String room) {
        List<String> all = retained(room);
        assertThat(all).as("twice in %s", room).doesNotHaveDuplicates();
        acknowledged
                .get(room)
                .forEach((data, at) -> assertThat(all.get((int) at.offset() - 1))
                        .as("%s at %s", room, at)
                        .isEqualTo(data));
        for (List<String> list : observed.get(room)) {
            await().atMost(WAIT)
                    .pollInterval(POLL)
                    .untilAsserted(() -> assertThat(list).isEqualTo(all));
        }
    }

    /** Returns the history in its order; nothing was dropped. */
    private List<String> retained(String room) {
        return Objects.requireNonNull(servers.get(0).hub().directory().latest(room, 1_000_000)).messages().stream()
                .map(Publication::data)
                .toList();
    }

    private void awaitMembers(String room) {
        await().atMost(WAIT).pollInterval(POLL).untilAsserted(() -> {
            for (ClusterHub server : servers) {
                List<Member> members = server.hub().directory().members(room).list();
                assertThat(members).as("members of %s", room).hasSize(servers.size());
            }
        });
    }
}
