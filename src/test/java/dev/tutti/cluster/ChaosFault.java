package dev.tutti.cluster;

import dev.tutti.websocket.TcpProxy;
import java.io.IOException;

/** A fault of a cluster, with its end. */
enum ChaosFault {
    KILL_SERVER("a server is killed and starts again", Needs.ANY, cluster -> {
        ChaosCluster.Server server = cluster.anyServer();
        server.kill();
        server.start();
    }),
    UPGRADE("the servers are replaced (SIGTERM), one after the other", Needs.ANY, cluster -> {
        for (ChaosCluster.Server server : cluster.servers()) {
            server.replace();
        }
    }),
    STOP_SERVER("a server pauses for 4 s (SIGSTOP)", Needs.ANY, cluster -> {
        ChaosCluster.Server server = cluster.anyServer();
        server.suspend();
        pause(4_000);
        server.resume();
    }),
    CLOCK_AHEAD(
            "the clock of a server jumps an hour ahead, and back after 5 s",
            Needs.SETTABLE_CLOCKS,
            cluster -> shift(cluster.anyServer().clock(), 3_600)),
    CLOCK_BEHIND(
            "the clock of a server jumps back an hour, and ahead after 5 s",
            Needs.SETTABLE_CLOCKS,
            cluster -> shift(cluster.anyServer().clock(), -3_600)),
    KILL_DATABASE("PostgreSQL is killed and returns after 1 s", Needs.ANY, cluster -> {
        cluster.database().kill();
        pause(1_000);
        cluster.database().start();
    }),
    CUT_DATABASE(
            "the link of a server to PostgreSQL is cut for 2 s",
            Needs.ANY,
            cluster -> cut(cluster.anyServer().databaseLink(), 2_000)),
    SILENT_DATABASE(
            "the link to PostgreSQL passes nothing for 25 s, and stays open",
            Needs.ANY,
            cluster -> silence(cluster.anyServer().databaseLink(), 25_000)),
    SLOW_DATABASE(
            "the link to PostgreSQL takes 0.3 s in each direction for 5 s",
            Needs.ANY,
            cluster -> slow(cluster.anyServer().databaseLink())),
    KILL_REDIS("Redis is killed and returns with all its data", Needs.ONE_REDIS, cluster -> {
        cluster.redis().one().kill();
        pause(500);
        cluster.redis().one().start();
    }),
    REVERT_REDIS("Redis is killed and returns without its last writes", Needs.ONE_REDIS, true, cluster -> {
        cluster.redis().one().saveData();
        pause(1_000);
        cluster.redis().one().kill();
        cluster.redis().one().restoreData();
        cluster.redis().one().start();
    }),
    EMPTY_REDIS("Redis is killed and returns empty", Needs.ONE_REDIS, true, cluster -> {
        cluster.redis().one().kill();
        cluster.redis().one().deleteData();
        cluster.redis().one().start();
    }),
    STOP_REDIS("Redis pauses for 7 s (SIGSTOP)", Needs.ONE_REDIS, cluster -> {
        cluster.redis().one().suspend();
        pause(7_000);
        cluster.redis().one().resume();
    }),
    BLOCK_REDIS(
            "Redis blocks for 2 s (DEBUG SLEEP)",
            Needs.ONE_REDIS,
            cluster -> cluster.redis().one().send("DEBUG SLEEP 2")),
    KILL_CONNECTIONS(
            "Redis ends all connections (CLIENT KILL)",
            Needs.ONE_REDIS,
            cluster -> cluster.redis().one().send("CLIENT KILL TYPE pubsub")),
    CUT_LINK(
            "the link of a server to Redis is cut for 1 s",
            Needs.ONE_REDIS,
            cluster -> cut(cluster.anyServer().link(), 1_000)),
    SILENT_LINK(
            "the link passes nothing for 12 s, and stays open",
            Needs.ONE_REDIS,
            cluster -> silence(cluster.anyServer().link(), 12_000)),
    ONE_WAY_LINK("the link loses all answers of Redis for 7 s", Needs.ONE_REDIS, cluster -> {
        ChaosCluster.Server server = cluster.anyServer();
        server.link().mute();
        pause(7_000);
        server.link().cut();
    }),
    SLOW_LINK(
            "the link takes 0.3 s in each direction for 5 s",
            Needs.ONE_REDIS,
            cluster -> slow(cluster.anyServer().link())),
    FAILOVER(
            "the master dies, and Sentinel makes its replica the master, which lacks 1 s",
            Needs.SENTINEL,
            true,
            cluster -> {
                RedisServer master = cluster.redis().pair().master();
                cluster.redis().pair().stopReplication(master);
                pause(1_000);
                master.kill();
                cluster.redis().pair().awaitMasterBeside(master);
                master.start();
                cluster.redis().pair().awaitReplica(master);
            }),
    STOP_MASTER("the master pauses (SIGSTOP) until its replica has taken over", Needs.SENTINEL, true, cluster -> {
        RedisServer master = cluster.redis().pair().master();
        master.suspend();
        cluster.redis().pair().awaitMasterBeside(master);
        master.resume();
        cluster.redis().pair().awaitReplica(master);
    }),
    SPLIT_MASTER(
            "the master is cut off from Sentinel and its replica, and not from the servers: two masters",
            Needs.SENTINEL,
            true,
            cluster -> {
                RedisServer master = cluster.redis().pair().master();
                cluster.redis().pair().cutOff(master);
                cluster.redis().pair().awaitMasterBeside(master);
                pause(2_000);
                cluster.redis().pair().reconnect(master);
                cluster.redis().pair().awaitReplica(master);
            }),
    CUT_REPLICA("the link of the replica to its master is cut for 3 s", Needs.SENTINEL, true, cluster -> {
        // It loses writes if Sentinel, on a busy machine, takes the master for dead meanwhile.
        RedisServer master = cluster.redis().pair().master();
        cluster.redis().pair().stopReplication(master);
        pause(3_000);
        cluster.redis().pair().reconnect(master);
    }),
    MOVE_SLOTS("20 slots of a Redis Cluster move to other masters", Needs.REDIS_CLUSTER, cluster -> {
        for (int i = 0; i < 5; i++) {
            for (int slot : cluster.slots()) {
                cluster.redis().masters().moveOn(slot);
            }
        }
    }),
    KILL_MASTER("a master of a Redis Cluster dies, and returns as a replica", Needs.REDIS_CLUSTER, true, cluster -> {
        int slot = cluster.anySlot();
        RedisMasters.Node killed = cluster.redis().masters().killOwner(slot);
        cluster.redis().masters().awaitOwner(slot);
        cluster.redis().masters().restart(killed);
    });

    private final String label;
    private final Needs needs;
    private final boolean losesWrites;

    @SuppressWarnings("ImmutableEnumChecker") // it captures nothing
    private final Strike strike;

    ChaosFault(String label, Needs needs, Strike strike) {
        this(label, needs, false, strike);
    }

    ChaosFault(String label, Needs needs, boolean losesWrites, Strike strike) {
        this.label = label;
        this.needs = needs;
        this.losesWrites = losesWrites;
        this.strike = strike;
    }

    /** Causes the fault; returns when its cause has ended. */
    private interface Strike {
        void on(ChaosCluster cluster) throws IOException, InterruptedException;
    }

    /** The conditions of a fault. */
    private enum Needs {
        ANY,
        SETTABLE_CLOCKS,
        ONE_REDIS,
        SENTINEL,
        REDIS_CLUSTER
    }

    /** Returns whether the fault can strike with such a Redis, on this machine. */
    boolean suits(ChaosRedis.Kind redis) {
        return switch (needs) {
            case ANY -> true;
            case SETTABLE_CLOCKS -> ServerClock.isSettable();
            case ONE_REDIS -> redis == ChaosRedis.Kind.ONE;
            case SENTINEL -> redis == ChaosRedis.Kind.SENTINEL;
            case REDIS_CLUSTER -> redis == ChaosRedis.Kind.CLUSTER;
        };
    }

    /** Returns whether servers need a {@link ServerClock}. */
    boolean setsClocks() {
        return needs == Needs.SETTABLE_CLOCKS;
    }

    /** Carries it out; returns when its cause has ended. */
    void strike(ChaosCluster cluster) throws IOException, InterruptedException {
        strike.on(cluster);
    }

    /** Returns whether Redis may lose acknowledged publications by it. */
    boolean losesWrites() {
        return losesWrites;
    }

    @Override
    public String toString() {
        return label;
    }

    private static void cut(TcpProxy link, int millis) throws InterruptedException {
        link.refuse(true);
        link.cut();
        pause(millis);
        link.refuse(false);
    }

    private static void silence(TcpProxy link, int millis) throws InterruptedException {
        link.stall(true);
        pause(millis);
        link.stall(false);
    }

    private static void slow(TcpProxy link) throws InterruptedException {
        link.delay(300);
        pause(5_000);
        link.delay(0);
    }

    private static void shift(ServerClock clock, int seconds) throws IOException, InterruptedException {
        clock.shift(seconds);
        pause(5_000);
        clock.shift(0);
    }

    /** The fault lasts. */
    private static void pause(int millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
