package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Way;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The limits of one user on several servers in one JVM, on one Redis. */
class ClusterLimitsIT extends ClusterServers {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Identity ANN = new Identity(Way.TOKEN, "ann", Set.of(), Map.of(), null);

    /** A connection that takes nothing. */
    private static final class Silent implements Transport {
        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {}

        @Override
        public void close(CloseCode code, String reason) {}
    }

    private ClusterHub server() {
        ClusterHub server = start(
                Map.of("max-connections-per-user", "3", "max-messages-per-second-per-user", "10"), ClusterMetrics.NONE);
        server.awaitConnection();
        return server;
    }

    private static Client connect(ClusterHub server) {
        return server.hub().connect(new Silent(), TuttiV1.PROTOCOL, "", new Access(ANN, Permissions.ALLOW_ALL));
    }

    private static void awaitBreach(LimitBreach breach, ClusterHub server) {
        await().atMost(WAIT).until(() -> server.hub().breach(ANN) == breach);
    }

    private static void awaitNoBreach(ClusterHub server) {
        await().atMost(WAIT).until(() -> server.hub().breach(ANN) == null);
    }

    @Test
    void connectionsOnAllServersCountWhileRedisIsThere() throws IOException {
        Client first = connect(server());
        connect(server());
        connect(servers.get(1));

        awaitBreach(LimitBreach.CONNECTIONS_PER_USER, servers.get(0));
        assertThat(connect(servers.get(0)).hasEnded()).isTrue();
        awaitBreach(LimitBreach.CONNECTIONS_PER_USER, server()); // which has none of them
        first.disconnected();
        awaitNoBreach(servers.get(2));
        Client last = connect(servers.get(2));
        assertThat(last.hasEnded()).isFalse();
        awaitBreach(LimitBreach.CONNECTIONS_PER_USER, servers.get(0));

        redis.kill();
        servers.forEach(ClusterLimitsIT::awaitNoBreach);
        redis.start();
        awaitBreach(LimitBreach.CONNECTIONS_PER_USER, servers.get(0));
    }

    @Test
    void messagesOnAllServersCount() {
        Client here = connect(server());
        Client there = connect(server());
        for (int i = 0; i < 50; i++) {
            assertThat(there.countMessage(1)).isNull();
        }

        await().atMost(WAIT)
                .until(
                        () -> { // the messages of neither one alone would be too many for the server here
                            there.countMessage(1);
                            there.countMessage(1);
                            return here.countMessage(1) == LimitBreach.MESSAGE_RATE_PER_USER;
                        });
    }
}
