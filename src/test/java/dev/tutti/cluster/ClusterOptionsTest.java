package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterOptionsTest {
    private static ClusterOptions read(Map<String, String> settings) {
        return Cluster.options(settings::get);
    }

    @Test
    void serverIsAloneByDefault() {
        assertThat(read(Map.of()).isAlone()).isTrue();
    }

    @Test
    void addressIsCheckedAndNotShown() {
        assertThat(read(Map.of("cluster", "rediss://ann:secret@redis.example:6380/1")))
                .hasToString("Redis, prefix tutti");
        for (String wrong : new String[] {
            "localhost:6379", "http://:secret@localhost", "redis://", "redis-sentinel://localhost:26379"
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(Map.of("cluster", wrong)))
                    .withMessage("cluster: no address of Redis, such as redis://host:6379");
        }
    }

    @Test
    void sentinelsAndAuthoritiesAreAccepted() {
        assertThat(read(Map.of("cluster", "redis-sentinel://one:26379,two:26379/0#main"))
                        .isAlone())
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(Map.of("cluster", "rediss://localhost", "cluster-authorities", "/missing.pem")))
                .withMessage("cluster-authorities: cannot be read: /missing.pem");
    }

    @Test
    void prefixHasNoBraces() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(Map.of("cluster", "redis://localhost", "cluster-prefix", "a{b}")))
                .withMessageStartingWith("cluster-prefix: ");
    }

    @Test
    void nameOfServerFitsIntoAddresses() {
        assertThat(read(Map.of("cluster", "redis://localhost", "cluster-server", "pod-1.eu"))
                        .clusterServer())
                .isEqualTo("pod-1.eu");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(Map.of("cluster", "redis://localhost", "cluster-server", "pod 1")))
                .withMessageStartingWith("cluster-server: ");
    }

    @Test
    void storedHistoriesAreNotShared() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(Map.of("cluster", "redis://localhost", "history-store", "durable")))
                .withMessageStartingWith("history-store: ");
    }
}
