package dev.tutti.cluster;

import java.io.IOException;

/** A fault of a cluster, with its end. */
enum ChaosFault {
    KILL_SERVER("a server is killed and starts again", Needs.ANY, false) {
        @Override
        void strike(ChaosCluster cluster) throws IOException {
            ChaosCluster.Server server = cluster.anyServer();
            server.kill();
            server.start();
        }
    },
    UPGRADE("the servers are replaced (SIGTERM), one after the other", Needs.ANY, false) {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            for (ChaosCluster.Server server : cluster.servers()) {
                server.replace();
            }
        }
    },
    STOP_SERVER("a server pauses for 4 s (SIGSTOP)", Needs.ANY, false) {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            ChaosCluster.Server server = cluster.anyServer();
            server.suspend();
            pause(4_000);
            server.resume();
        }
    },
    KILL_REDIS("Redis is killed and returns with all its data") {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            cluster.redis().kill();
            pause(500);
            cluster.redis().start();
        }
    },
    REVERT_REDIS("Redis is killed and returns without its last writes", true) {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            cluster.redis().saveData();
            pause(1_000);
            cluster.redis().kill();
            cluster.redis().restoreData();
            cluster.redis().start();
        }
    },
    EMPTY_REDIS("Redis is killed and returns empty", true) {
        @Override
        void strike(ChaosCluster cluster) throws IOException {
            cluster.redis().kill();
            cluster.redis().deleteData();
            cluster.redis().start();
        }
    },
    STOP_REDIS("Redis pauses for 7 s (SIGSTOP)") {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            cluster.redis().suspend();
            pause(7_000);
            cluster.redis().resume();
        }
    },
    BLOCK_REDIS("Redis blocks for 2 s (DEBUG SLEEP)") {
        @Override
        void strike(ChaosCluster cluster) throws IOException {
            cluster.redis().send("DEBUG SLEEP 2");
        }
    },
    KILL_DATABASE("PostgreSQL is killed and returns after 1 s", Needs.ANY, false) {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            cluster.database().kill();
            pause(1_000);
            cluster.database().start();
        }
    },
    KILL_CONNECTIONS("Redis ends all connections (CLIENT KILL)") {
        @Override
        void strike(ChaosCluster cluster) throws IOException {
            cluster.redis().send("CLIENT KILL TYPE pubsub");
        }
    },
    CUT_LINK("the link of a server to Redis is cut for 1 s") {
        @Override
        void strike(ChaosCluster cluster) throws InterruptedException {
            ChaosCluster.Server server = cluster.anyServer();
            server.link().refuse(true);
            server.link().cut();
            pause(1_000);
            server.link().refuse(false);
        }
    },
    SILENT_LINK("the link passes nothing for 12 s, and stays open") {
        @Override
        void strike(ChaosCluster cluster) throws InterruptedException {
            ChaosCluster.Server server = cluster.anyServer();
            server.link().stall(true);
            pause(12_000);
            server.link().stall(false);
        }
    },
    ONE_WAY_LINK("the link loses all answers of Redis for 7 s") {
        @Override
        void strike(ChaosCluster cluster) throws InterruptedException {
            ChaosCluster.Server server = cluster.anyServer();
            server.link().mute();
            pause(7_000);
            server.link().cut();
        }
    },
    MOVE_SLOTS("20 slots of a Redis Cluster move to other masters", Needs.REDIS_CLUSTER, false) {
        @Override
        void strike(ChaosCluster cluster) throws IOException {
            for (int i = 0; i < 5; i++) {
                for (int slot : cluster.slots()) {
                    cluster.masters().moveOn(slot);
                }
            }
        }
    },
    KILL_MASTER("a master of a Redis Cluster dies, and returns as a replica", Needs.REDIS_CLUSTER, true) {
        @Override
        void strike(ChaosCluster cluster) throws IOException, InterruptedException {
            int slot = cluster.anySlot();
            RedisMasters.Node killed = cluster.masters().killOwner(slot);
            cluster.masters().awaitOwner(slot);
            cluster.masters().restart(killed);
        }
    },
    SLOW_LINK("the link takes 0.3 s in each direction for 5 s") {
        @Override
        void strike(ChaosCluster cluster) throws InterruptedException {
            ChaosCluster.Server server = cluster.anyServer();
            server.link().delay(300);
            pause(5_000);
            server.link().delay(0);
        }
    };

    private final String label;
    private final Needs needs;
    private final boolean losesWrites;

    ChaosFault(String label) {
        this(label, false);
    }

    ChaosFault(String label, boolean losesWrites) {
        this(label, Needs.ONE_REDIS, losesWrites);
    }

    ChaosFault(String label, Needs needs, boolean losesWrites) {
        this.label = label;
        this.needs = needs;
        this.losesWrites = losesWrites;
    }

    /** The Redis of a fault. */
    private enum Needs {
        ANY,
        ONE_REDIS,
        REDIS_CLUSTER
    }

    /** Returns whether the fault can strike with one Redis, or with a Redis Cluster. */
    boolean suits(boolean isRedisCluster) {
        return needs == Needs.ANY || needs == (isRedisCluster ? Needs.REDIS_CLUSTER : Needs.ONE_REDIS);
    }

    /** Carries it out; returns when its cause has ended. */
    abstract void strike(ChaosCluster cluster) throws IOException, InterruptedException;

    /** Returns whether Redis may lose acknowledged publications by it. */
    boolean losesWrites() {
        return losesWrites;
    }

    @Override
    public String toString() {
        return label;
    }

    /** The fault lasts. */
    private static void pause(int millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
