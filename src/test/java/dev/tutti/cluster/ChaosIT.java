package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.cluster.ClusterRecord.Fault;
import dev.tutti.hub.Position;
import dev.tutti.websocket.NodeTests;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients publish, and editors write, without a pause while servers, Redis and the links between them fail in turn. The suite has a few short faults; {@code src/cluster/chaos}
 * runs all of them for as long as wanted.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class ChaosIT {
    /** After so many seconds no other fault begins; 0: each fault once. */
    private static final int SECONDS = Integer.getInteger("tutti.chaos.seconds", 0);

    private static final ChaosRedis.Kind REDIS = ChaosRedis.Kind.valueOf(
            System.getProperty("tutti.chaos.redis", "one").toUpperCase(Locale.ROOT));

    private static final List<ChaosFault> FAULTS = Stream.of(System.getProperty(
                            "tutti.chaos.faults",
                            SECONDS == 0 ? "kill_connections,cut_link,revert_redis,kill_database" : all())
                    .split(","))
            .map(name -> ChaosFault.valueOf(name.toUpperCase(Locale.ROOT)))
            .toList();
    private static final int CLIENTS = Integer.getInteger("tutti.chaos.clients", 24);
    private static final int EDITORS = Integer.getInteger("tutti.chaos.editors", 6);
    private static final int ROOMS = 4;
    private static final int PUBLISH_MILLIS = 10;
    private static final int PATIENCE_SECONDS = 2;
    /** So many acknowledgements show that rooms take publications. */
    private static final int SOME = 50;

    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final long seed = Long.getLong("tutti.chaos.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final ClusterRecord record = new ClusterRecord();
    private final ChaosTable table = new ChaosTable();
    /** By room. */
    private final List<List<ClusterClient>> clients = new ArrayList<>();

    private @Nullable ChaosEditors editors;
    private volatile boolean isPublishing;
    private int published;

    private static String all() {
        return Stream.of(ChaosFault.values())
                .filter(fault -> fault.suits(REDIS))
                .map(Enum::name)
                .collect(Collectors.joining(","));
    }

    /** Returns the names of the rooms. */
    static List<String> rooms() {
        return IntStream.range(0, ROOMS).mapToObj(ChaosIT::room).toList();
    }

    @AfterEach
    void stop() throws IOException {
        clients.forEach(room -> room.forEach(ClusterClient::close));
        if (editors != null) {
            editors.close();
        }
        scheduler.shutdownNow();
    }

    @Test
    void faultsLoseNothingSilently() throws Exception {
        NodeTests.requireNode();
        try (ChaosCluster cluster =
                new ChaosCluster(directory, random, REDIS, FAULTS.stream().anyMatch(ChaosFault::setsClocks))) {
            cluster.start();
            editors = ChaosEditors.start(EDITORS, cluster.ports());
            connect(cluster);
            var unused = scheduler.scheduleAtFixedRate(this::publish, 0, PUBLISH_MILLIS, TimeUnit.MILLISECONDS);
            var unusedToo = scheduler.scheduleAtFixedRate(this::leaveSilentServers, 1, 1, TimeUnit.SECONDS);
            long began = System.nanoTime();
            List<ChaosFault> turn = new ArrayList<>(FAULTS);
            do {
                Collections.shuffle(turn, random);
                for (ChaosFault fault : turn) {
                    strike(cluster, fault);
                    if (SECONDS > 0 && isOver(began)) {
                        break;
                    }
                }
            } while (!isOver(began));
            restartAll(cluster);
        } finally {
            System.out.println("seed " + seed + ": " + record + "\n" + table);
        }
        assertThat(record.faults()).isEmpty();
        assertThat(record.needlessLosses())
                .as("losses told although nothing was lost")
                .isZero();
    }

    private static boolean isOver(long began) {
        return System.nanoTime() - began >= TimeUnit.SECONDS.toNanos(SECONDS);
    }

    private void connect(ChaosCluster cluster) {
        for (int room = 0; room < ROOMS; room++) {
            clients.add(new ArrayList<>());
        }
        for (int i = 0; i < CLIENTS; i++) {
            ClusterClient client = new ClusterClient(
                    "client-" + i,
                    room(i % ROOMS),
                    cluster.ports(),
                    random.nextInt(cluster.ports().size()),
                    record,
                    scheduler,
                    new Random(random.nextLong()));
            clients.get(i % ROOMS).add(client);
            client.connect();
        }
        clients.forEach(this::awaitDone);
    }

    private static String room(int number) {
        return "room-" + number;
    }

    private void publish() {
        if (isPublishing) {
            int number = published++;
            int room = number % ROOMS;
            List<ClusterClient> all = clients.get(room);
            all.get(number / ROOMS % all.size()).publish(room(room) + "/" + number);
        }
    }

    private void leaveSilentServers() {
        clients.forEach(
                room -> room.forEach(client -> client.leaveSilentServer(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS))));
    }

    /** Kills all servers as soon as the editors have left, and reads from others what was confirmed. */
    private void restartAll(ChaosCluster cluster) throws IOException {
        clients.forEach(room -> room.forEach(ClusterClient::close));
        editors().leave();
        cluster.restart();
        note(editors().read());
    }

    private ChaosEditors editors() {
        return Objects.requireNonNull(editors);
    }

    private void note(ChaosEditors.Result result) {
        for (String fault : result.faults()) {
            record.fault(Fault.EDITS, fault);
        }
    }

    private void strike(ChaosCluster cluster, ChaosFault fault) throws IOException, InterruptedException {
        int before = record.acknowledgements();
        isPublishing = true;
        editors().write();
        awaitAcknowledgements();
        fault.strike(cluster);
        awaitAcknowledgements();
        isPublishing = false;
        ChaosEditors.Result edits = editors().settle();
        note(edits);
        for (int room = 0; room < ROOMS; room++) {
            awaitDone(clients.get(room));
            awaitMembers(clients.get(room));
            compare(cluster, room, fault.losesWrites());
        }
        cluster.awaitNoGrowth(CLIENTS);
        table.add(fault, record.acknowledgements() - before, edits.edits(), record.takeLongestWaitNanos());
        for (Fault kind : Fault.values()) {
            table.count(kind, record.count(kind));
        }
    }

    /** Waits until rooms take publications. */
    private void awaitAcknowledgements() {
        int before = record.acknowledgements();
        await().atMost(WAIT).until(() -> record.acknowledgements() >= before + SOME);
    }

    /** Waits until all clients of a room have all answers, and are at one position. */
    private void awaitDone(List<ClusterClient> room) {
        await().atMost(WAIT).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            List<Position> positions =
                    room.stream().map(ClusterClient::doneAt).distinct().toList();
            assertThat(positions).as("%s, %s", record, room).hasSize(1).doesNotContainNull();
        });
    }

    /** Waits until all clients of a room know all of them, and nobody else. */
    private static void awaitMembers(List<ClusterClient> room) {
        await().atMost(WAIT).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> {
            Set<String> present = room.stream().map(ClusterClient::id).collect(Collectors.toSet());
            assertThat(room).allSatisfy(client -> assertThat(client.members()).isEqualTo(present));
        });
    }

    private void compare(ChaosCluster cluster, int room, boolean mayHaveLost) throws IOException {
        ChaosRedis.Content content = cluster.redis().read(room(room));
        assertThat(clients.get(room).get(0).doneAt()).isEqualTo(content.top());
        record.compare(room(room) + "/", content.top().epoch(), content.retained(), mayHaveLost);
    }
}
