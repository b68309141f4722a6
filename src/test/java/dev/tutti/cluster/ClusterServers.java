package dev.tutti.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of several servers in one JVM, on one Redis. */
abstract class ClusterServers {
    @TempDir
    Path directory;

    final List<ClusterHub> servers = new ArrayList<>();
    RedisServer redis;

    @BeforeEach
    void startRedis() throws IOException {
        redis = RedisServer.start(directory);
    }

    @AfterEach
    void stop() {
        servers.forEach(ClusterHub::close);
        if (redis != null) {
            redis.close();
        }
    }

    /** Starts another server, which may not be connected yet. */
    final ClusterHub start(Map<String, String> settings, ClusterMetrics metrics) {
        ClusterHub server = new ClusterHub("server" + servers.size(), redis.address(), settings, metrics);
        servers.add(server);
        return server;
    }
}
