package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The answers of CLUSTER NODES, of Redis 7.0 and later ones. */
class SlotsTest {
    private static final String ANSWER = """
            a1 :6379@16379 myself,master - 0 1669688000000 2 connected 0-5460 5462 [5462->-b2]
            b2 10.0.0.2:6379@16379,redis-2 master - 0 1669688000000 7 connected 5463-16383 5461
            c3 10.0.0.3:6379@16379,,tls-port=0,shard-id=69bc slave a1 0 1669688000000 2 connected
            d4 10.0.0.4:6379@16379 master,fail - 0 1669688000000 1 disconnected
            e5 fd00::5:6379@16379 master - 0 1669688000000 0 connected
            f6 :0@0 master,noaddr - 0 1669688000000 3 disconnected
            """;

    private static final NodeAddress FIRST = new NodeAddress("asked", 6379);
    private static final NodeAddress SECOND = new NodeAddress("10.0.0.2", 6379);
    private static final NodeAddress REPLICA = new NodeAddress("10.0.0.3", 6379);
    private static final NodeAddress DEAD = new NodeAddress("10.0.0.4", 6379);
    private static final NodeAddress EMPTY = new NodeAddress("fd00::5", 6379);

    @Test
    void ownersAndTheirEpochsAreFound() {
        Slots slots = Slots.parse(ANSWER, "asked", false);
        assertThat(slots.owner(0)).isEqualTo(new Slots.Owner(FIRST, 2));
        assertThat(slots.owner(5462)).as("about to move").isEqualTo(new Slots.Owner(FIRST, 2));
        assertThat(slots.owner(5461)).isEqualTo(new Slots.Owner(SECOND, 7));
        assertThat(slots.owner(16_383)).isEqualTo(new Slots.Owner(SECOND, 7));
    }

    @Test
    void anyNodeMayBeAskedButDeadOnesGetNoConnection() {
        Slots slots = Slots.parse(ANSWER, "asked", false);
        assertThat(slots.nodes()).containsExactly(FIRST, SECOND, REPLICA, DEAD, EMPTY);
        assertThat(slots.masters()).containsExactly(FIRST, SECOND, EMPTY);
    }

    @Test
    void namesArePreferredForCertificates() {
        Slots slots = Slots.parse(ANSWER, "asked", true);
        assertThat(slots.masters()).containsExactly(FIRST, new NodeAddress("redis-2", 6379), EMPTY);
        assertThat(slots.nodes()).contains(REPLICA);
    }

    @Test
    void slotWithoutAnOwnerHasNone() {
        assertThat(Slots.parse("a1 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-99", "", false)
                        .owner(100))
                .isNull();
    }

    @Test
    void otherAnswersAreRefused() {
        for (String answer : new String[] {
            "a1 10.0.0.1:6379", "a1 10.0.0.1 master - 0 0 1 connected", "a1 h:1@2 master - 0 0 1 connected 0-16384"
        }) {
            assertThatThrownBy(() -> Slots.parse(answer, "", false)).isInstanceOf(FormatException.class);
        }
    }
}
