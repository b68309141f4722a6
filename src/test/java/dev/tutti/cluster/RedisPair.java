package dev.tutti.cluster;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A master with a replica, and a Sentinel that lets the replica take over, as processes. Confined to a test. */
final class RedisPair implements AutoCloseable {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final String SENTINEL_USER = "sentinel";

    private final List<RedisServer> servers = new ArrayList<>();
    private RedisServer sentinel;

    private RedisPair() {}

    /** Starts it with options of both servers, and waits until Sentinel knows them. */
    static RedisPair start(Path directory, List<String> options) throws IOException {
        RedisPair started = new RedisPair();
        try {
            started.form(directory, options);
            return started;
        } catch (IOException | RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    private void form(Path directory, List<String> options) throws IOException {
        List<String> ofBoth = new ArrayList<>(options);
        ofBoth.addAll(List.of("--repl-diskless-sync-delay", "0"));
        ofBoth.addAll(List.of("--user", SENTINEL_USER, "on", ">secret", "~*", "&*", "+@all"));
        RedisServer master =
                RedisServer.start(Files.createDirectory(directory.resolve("master")), ofBoth.toArray(String[]::new));
        servers.add(master);
        ofBoth.addAll(List.of("--replicaof", "127.0.0.1", String.valueOf(master.port())));
        servers.add(
                RedisServer.start(Files.createDirectory(directory.resolve("replica")), ofBoth.toArray(String[]::new)));
        sentinel = RedisServer.startSentinel(
                Files.createDirectory(directory.resolve("sentinel")),
                master,
                "sentinel down-after-milliseconds main 2000", // on a busy machine half a second is no fault
                "sentinel failover-timeout main 5000",
                "sentinel auth-user main " + SENTINEL_USER,
                "sentinel auth-pass main secret");
        await().atMost(WAIT).until(() -> sentinel.send("SENTINEL REPLICAS main").equals("*1"));
    }

    /** Returns the address as a setting. */
    String address() {
        return "redis-sentinel://127.0.0.1:" + sentinel.port() + "/0#main";
    }

    /** Returns the master; there must be one only. */
    RedisServer master() throws IOException {
        for (RedisServer server : servers) {
            if (isMaster(server)) {
                return server;
            }
        }
        throw new AssertionError("there is no master");
    }

    /** A master answers with three fields, a replica with five. */
    private static boolean isMaster(RedisServer server) throws IOException {
        return server.send("ROLE").equals("*3");
    }

    /** Lets the replica of a master receive nothing, until {@link #reconnect}, or the death of the master. */
    void stopReplication(RedisServer master) throws IOException {
        master.send("ACL SETUSER default -psync -sync");
        master.send("CLIENT KILL TYPE replica");
    }

    /** Cuts a master off from Sentinel and its replica. */
    void cutOff(RedisServer master) throws IOException {
        stopReplication(master);
        master.send("ACL SETUSER " + SENTINEL_USER + " -@all"); // it counts a refused PING as no answer
    }

    /** Ends {@link #stopReplication} and {@link #cutOff}. */
    void reconnect(RedisServer master) throws IOException {
        master.send("ACL SETUSER default +psync +sync");
        master.send("ACL SETUSER " + SENTINEL_USER + " +@all");
    }

    private RedisServer other(RedisServer server) {
        return servers.get(1 - servers.indexOf(server));
    }

    /** Waits until another server has taken over. */
    void awaitMasterBeside(RedisServer former) {
        await().atMost(WAIT).until(() -> isMaster(other(former)));
    }

    /** Waits until a server is the replica of the other one, and copies its data. */
    void awaitReplica(RedisServer server) {
        await().atMost(WAIT)
                .until(() ->
                        !isMaster(server) && other(server).send("WAIT 1 100").equals(":1"));
    }

    @Override
    public void close() {
        servers.forEach(RedisServer::close);
        if (sentinel != null) {
            sentinel.close();
        }
    }
}
