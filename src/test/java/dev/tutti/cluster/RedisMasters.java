package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.MigrateArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Redis Cluster of three masters as processes, each with a replica. A test can move slots and kill masters. Confined to a test. */
final class RedisMasters implements AutoCloseable {
    private static final int MASTERS = 3;
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final int NODE_TIMEOUT_MILLIS = 1_000;
    private static final int SOME_KEYS = 10;
    private static final long MIGRATE_MILLIS = 5_000;

    /** A process, and a connection to it. */
    record Node(RedisServer server, RedisClient client, RedisCommands<String, String> commands, String id) {}

    private final List<Node> masters = new ArrayList<>();
    private final List<Node> replicas = new ArrayList<>();

    private RedisMasters() {}

    /** Starts it, and waits until it takes writes. */
    static RedisMasters start(Path directory) throws IOException {
        RedisMasters started = new RedisMasters();
        try {
            started.form(directory);
            return started;
        } catch (IOException | RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    private void form(Path directory) throws IOException {
        List<Integer> busPorts = new ArrayList<>();
        int count = 2 * MASTERS;
        for (int i = 0; i < count; i++) {
            busPorts.add(RedisServer.freePort());
            (i < MASTERS ? masters : replicas)
                    .add(start(Files.createDirectory(directory.resolve("node" + i)), busPorts.get(i)));
        }
        for (int i = 0; i < MASTERS; i++) {
            int first = Slots.COUNT * i / MASTERS;
            int last = Slots.COUNT * (i + 1) / MASTERS - 1;
            send(masters.get(i), "CLUSTER ADDSLOTSRANGE " + first + " " + last);
            send(masters.get(i), "CLUSTER SET-CONFIG-EPOCH " + (i + 1));
        }
        List<Node> all = all();
        for (int i = 1; i < count; i++) {
            int port = all.get(i).server.port();
            send(all.get(0), "CLUSTER MEET 127.0.0.1 " + port + " " + busPorts.get(i));
        }
        for (int i = 0; i < replicas.size(); i++) {
            Node replica = replicas.get(i);
            String command = "CLUSTER REPLICATE " + masters.get(i).id;
            await().atMost(WAIT).until(() -> replica.server.send(command).equals("+OK"));
        }
        await().atMost(WAIT).until(() -> all.stream().allMatch(node -> isReady(node, count)));
    }

    private static Node start(Path directory, int busPort) throws IOException {
        RedisServer server = RedisServer.start(
                directory,
                "--cluster-enabled",
                "yes",
                "--cluster-port",
                String.valueOf(busPort),
                "--cluster-node-timeout",
                String.valueOf(NODE_TIMEOUT_MILLIS),
                "--repl-diskless-sync-delay",
                "0");
        return connect(server);
    }

    private static Node connect(RedisServer server) {
        RedisClient client = RedisClient.create(server.address());
        RedisCommands<String, String> commands = client.connect().sync();
        return new Node(server, client, commands, commands.clusterMyId());
    }

    private static boolean isReady(Node node, int count) {
        String nodes = node.commands.clusterNodes();
        return node.commands.clusterInfo().contains("cluster_state:ok")
                && nodes.lines().count() == count
                && nodes.lines().filter(line -> line.contains("slave")).count() == count - MASTERS
                && !nodes.contains("handshake")
                && !node.commands.info("replication").contains("master_link_status:down");
    }

    private static void send(Node node, String command) throws IOException {
        assertThat(node.server.send(command)).as(command).isEqualTo("+OK");
    }

    private List<Node> all() {
        return Stream.concat(masters.stream(), replicas.stream()).toList();
    }

    private List<Node> alive() {
        return all().stream().filter(node -> node.server.isAlive()).toList();
    }

    /** Returns the address as a setting. */
    String address() {
        return masters.stream()
                .map(node -> "127.0.0.1:" + node.server.port())
                .collect(Collectors.joining(",", "redis-cluster://", ""));
    }

    static int slot(String key) {
        return SlotHash.getSlot(key);
    }

    /** Returns a connection to the node that has a slot. */
    RedisCommands<String, String> owner(int slot) {
        return ownerOf(slot).commands;
    }

    private Node ownerOf(int slot) {
        for (Node node : alive()) {
            boolean isOwner = node.commands
                    .clusterNodes()
                    .lines()
                    .filter(line -> line.contains("myself") && line.contains("master"))
                    .anyMatch(line -> hasSlot(line, slot));
            if (isOwner) {
                return node;
            }
        }
        throw new AssertionError("no node has the slot " + slot);
    }

    private static boolean hasSlot(String line, int slot) {
        Slots.Owner owner = Slots.parse(line, "", false).owner(slot);
        return owner != null;
    }

    /** Moves a slot to the next master, as {@code redis-cli --cluster reshard} does. */
    void moveOn(int slot) throws IOException {
        Node from = ownerOf(slot);
        List<Node> masters = alive().stream()
                .filter(node -> node.commands.info("replication").contains("role:master"))
                .toList();
        Node to = masters.get((masters.indexOf(from) + 1) % masters.size());
        send(to, "CLUSTER SETSLOT " + slot + " IMPORTING " + from.id);
        send(from, "CLUSTER SETSLOT " + slot + " MIGRATING " + to.id);
        List<String> keys = from.commands.clusterGetKeysInSlot(slot, SOME_KEYS);
        while (!keys.isEmpty()) {
            from.commands.migrate("127.0.0.1", to.server.port(), 0, MIGRATE_MILLIS, MigrateArgs.Builder.keys(keys));
            keys = from.commands.clusterGetKeysInSlot(slot, SOME_KEYS);
        }
        send(to, "CLUSTER SETSLOT " + slot + " NODE " + to.id);
        send(from, "CLUSTER SETSLOT " + slot + " NODE " + to.id);
    }

    /** A slot leaves its master and is back at once: Redis ends the subscriptions to its channels. */
    void leaveAndReturn(int slot) throws IOException {
        Node owner = ownerOf(slot);
        send(owner, "CLUSTER DELSLOTS " + slot);
        send(owner, "CLUSTER ADDSLOTS " + slot);
    }

    /** Waits until the replica of the master of a slot has all its data. */
    void awaitReplica(int slot) {
        assertThat(owner(slot).waitForReplication(1, WAIT.toMillis())).isPositive();
    }

    /** Changes a setting of all nodes that run. */
    void configure(String setting, String value) {
        alive().forEach(node -> node.commands.configSet(setting, value));
    }

    /** Kills the master of a slot. */
    Node killOwner(int slot) {
        Node owner = ownerOf(slot);
        owner.client.shutdown();
        owner.server.kill();
        return owner;
    }

    /** Starts a node again, and waits until it is a replica. */
    void restart(Node killed) throws IOException {
        killed.server.start();
        List<Node> list = masters.contains(killed) ? masters : replicas;
        list.set(list.indexOf(killed), connect(killed.server));
        await().atMost(WAIT)
                .ignoreExceptions()
                .until(() -> all().stream().allMatch(node -> isReady(node, all().size())));
    }

    /** Returns the address of the master of a slot. */
    String addressOf(int slot) {
        return ownerOf(slot).server.address();
    }

    /** Waits until a replica has taken over. */
    void awaitOwner(int slot) {
        await().atMost(WAIT).ignoreExceptions().until(() -> ownerOf(slot) != null);
    }

    @Override
    public void close() {
        for (Node node : all()) {
            node.client.shutdown();
            node.server.close();
        }
    }
}
