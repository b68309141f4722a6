package dev.tutti.cluster;

import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogContract;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The log on a Redis, as one server sees it. */
class RedisLogIT implements RoomLogContract {
    @TempDir
    static Path directory;

    private static RedisServer server;
    private static RedisClient client;
    private static ContractLogs logs;

    @BeforeAll
    static void startRedis() throws IOException {
        server = RedisServer.start(directory);
        client = RedisClient.create(server.address());
        StatefulRedisConnection<String, String> redis = client.connect();
        logs = new ContractLogs(server.address(), keys -> redis.sync().hget(keys.state(), "top"));
    }

    @AfterAll
    static void stopRedis() {
        if (server != null) {
            logs.close();
            client.shutdown();
            server.close();
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
}
