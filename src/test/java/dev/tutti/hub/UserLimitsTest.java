package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Way;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits of one user, who connects from many addresses. */
class UserLimitsTest {
    private static final long SECOND = 1_000_000_000L;

    private final FakeTime time = new FakeTime();
    private int connections;

    private Hub hub(Map<String, Integer> limits) {
        Map<String, Object> all = new HashMap<>(limits);
        all.put("ping-seconds", 0);
        all.put("max-messages-per-second", 0);
        return new Hub(TestLimits.with(all), "h", new FakeExecutor(), 1, time);
    }

    private static Access access(Way way, String user) {
        return new Access(new Identity(way, user, Set.of(), Map.of(), null), Permissions.ALLOW_ALL);
    }

    private Client connect(Hub hub, Access access) {
        return connect(hub, access, new FakeTransport(Mode.INSIDE, 100));
    }

    private Client connect(Hub hub, Access access, FakeTransport transport) {
        return hub.connect(transport, TestProtocol.PUBLICATIONS, "192.0.2." + ++connections, access);
    }

    private static void assertBreach(LimitBreach expected, ThrowingCallable action) {
        assertThatThrownBy(action)
                .asInstanceOf(type(LimitException.class))
                .extracting(LimitException::breach)
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(names = {"CONTAINER", "TOKEN"})
    void connectionsOfOneUserAreLimited(Way way) {
        Hub hub = hub(Map.of("max-connections-per-user", 2));
        Access ann = access(way, "ann");
        Client first = connect(hub, ann);
        Client second = connect(hub, ann);
        FakeTransport tooMany = new FakeTransport(Mode.INSIDE, 100);

        assertThat(hub.breach(ann.identity())).isEqualTo(LimitBreach.CONNECTIONS_PER_USER);
        Client third = connect(hub, ann, tooMany);

        assertThat(third.hasEnded()).isTrue();
        assertThat(tooMany.closedWith()).isEqualTo(CloseCode.POLICY);
        assertThat(hub.breaches().total(LimitBreach.CONNECTIONS_PER_USER)).isOne();
        assertThat(connect(hub, access(way, "ben")).hasEnded()).isFalse();
        first.disconnected();
        first.disconnected();
        assertThat(hub.breach(ann.identity())).isNull();
        assertThat(connect(hub, ann).hasEnded()).isFalse();
        assertThat(second.hasEnded()).isFalse();
    }

    @Test
    void userIsOneByAContainerAndByAToken() {
        Hub hub = hub(Map.of("max-connections-per-user", 1));
        connect(hub, access(Way.CONTAINER, "ann"));

        assertThat(connect(hub, access(Way.TOKEN, "ann")).hasEnded()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "LOCAL", "OPEN"})
    void guestsHaveTheLimitsOfAddressesOnly(Way way) {
        Hub hub = hub(
                Map.of("max-connections-per-user", 1, "max-rooms-per-user", 1, "max-messages-per-second-per-user", 1));
        for (int i = 0; i < 3; i++) {
            Client guest = connect(hub, access(way, "guest:1"));
            join(guest, "a");
            join(guest, "b");
            for (int j = 0; j < 100; j++) {
                assertThat(guest.countMessage(1_000_000)).isNull();
            }
            assertThat(guest.hasEnded()).isFalse();
        }
    }

    @Test
    void tokenInAMessageCountsItsConnectionOnce() {
        Hub hub = hub(Map.of("max-connections-per-user", 2));
        Access ann = access(Way.TOKEN, "ann");
        Client first = connect(hub, access(Way.NONE, ""));
        Client second = connect(hub, access(Way.NONE, ""));
        Client third = connect(hub, access(Way.NONE, ""));
        assertThat(first.authentication().replace(ann)).isTrue();
        assertThat(first.authentication().replace(ann)).isTrue();
        assertThat(second.authentication().replace(ann)).isTrue();

        assertBreach(
                LimitBreach.CONNECTIONS_PER_USER, () -> third.authentication().replace(ann));

        assertThat(third.access().identity().isUnidentified()).isTrue();
        assertThat(third.authentication().replace(access(Way.TOKEN, "ben"))).isTrue();
        first.disconnected();
        assertThat(hub.breach(ann.identity())).isNull();
    }

    @Test
    void roomsOfOneUserAreLimitedOverAllConnections() {
        Hub hub = hub(Map.of("max-rooms-per-user", 3));
        Access ann = access(Way.TOKEN, "ann");
        Client first = connect(hub, ann);
        Client second = connect(hub, ann);
        join(first, "a");
        join(first, "b");
        join(first, "b"); // it is in this room already
        join(second, "a");

        assertBreach(LimitBreach.ROOMS_PER_USER, () -> join(second, "c"));
        assertThat(hub.roomCount()).isEqualTo(2);
        join(connect(hub, access(Way.TOKEN, "ben")), "c");
        first.memberships().leave("a", () -> Frame.text("left"));
        join(second, "c");
        assertBreach(LimitBreach.ROOMS_PER_USER, () -> join(first, "a"));
        second.disconnected();
        join(first, "a");
        join(first, "c");
        assertBreach(LimitBreach.ROOMS_PER_USER, () -> join(first, "d"));
    }

    @Test
    void documentsOfOneUserAreLimited() {
        Hub hub = hub(Map.of("max-documents-per-user", 2));
        UserUsage usage = connect(hub, access(Way.TOKEN, "ann")).usage().ofUser();
        usage.addDocument();
        connect(hub, access(Way.TOKEN, "ann")).usage().ofUser().addDocument();

        assertBreach(LimitBreach.DOCUMENTS_PER_USER, usage::addDocument);
        usage.removeDocument();
        usage.addDocument();
    }

    @Test
    void messagesOfOneUserAreLimitedOverAllConnections() {
        Hub hub = hub(Map.of("max-messages-per-second-per-user", 10));
        Access ann = access(Way.TOKEN, "ann");
        Client first = connect(hub, ann);
        Client second = connect(hub, ann);
        for (int i = 0; i < 51; i++) {
            assertThat((i % 2 == 0 ? first : second).countMessage(1)).isNull();
        }

        assertThat(first.countMessage(1)).isEqualTo(LimitBreach.MESSAGE_RATE_PER_USER);
        assertThat(second.countMessage(1)).isEqualTo(LimitBreach.MESSAGE_RATE_PER_USER);
        assertThat(connect(hub, access(Way.TOKEN, "ben")).countMessage(1)).isNull();
        time.passNanos(SECOND / 10);
        assertThat(second.countMessage(1)).isNull();
        assertThat(first.countMessage(1)).isEqualTo(LimitBreach.MESSAGE_RATE_PER_USER);
    }

    @Test
    void bytesOfOneUserAreLimited() {
        Hub hub = hub(Map.of("max-bytes-per-second-per-user", 1_000));
        Client first = connect(hub, access(Way.TOKEN, "ann"));
        Client second = connect(hub, access(Way.TOKEN, "ann"));
        assertThat(first.countMessage(4_000)).isNull();
        assertThat(second.countMessage(4_000)).isNull();

        assertThat(first.countMessage(1)).isEqualTo(LimitBreach.INPUT_RATE_PER_USER);
        time.passNanos(3 * SECOND);
        assertThat(first.countMessage(1)).isNull();
    }

    @Test
    void newConnectionRenewsNoRate() {
        Hub hub = hub(Map.of("max-messages-per-second-per-user", 10));
        Access ann = access(Way.TOKEN, "ann");
        Client before = connect(hub, ann);
        for (int i = 0; i < 51; i++) {
            before.countMessage(1);
        }
        before.disconnected();
        hub.tick();
        assertThat(connect(hub, ann).countMessage(1)).isEqualTo(LimitBreach.MESSAGE_RATE_PER_USER);
    }

    @Test
    void usersWithoutConnectionsAreForgotten() {
        Hub hub = hub(Map.of());
        for (int i = 0; i < 100; i++) {
            Client client = connect(hub, access(Way.TOKEN, "user " + i));
            client.countMessage(1);
            client.disconnected();
        }
        Client stays = connect(hub, access(Way.TOKEN, "ann"));
        assertThat(hub.users().size()).isEqualTo(101);
        time.passNanos(6 * SECOND);
        hub.tick();

        assertThat(hub.users().size()).isOne();
        assertThat(stays.hasEnded()).isFalse();
    }

    @Test
    void memoryOfOneUserIsHalfOfAShare() {
        Hub hub = hub(Map.of("memory-budget", 10_000_000));
        Budget.Quota first = connect(hub, access(Way.TOKEN, "ann")).usage().quota();
        Budget.Quota second = connect(hub, access(Way.TOKEN, "ann")).usage().quota();
        long half = hub.budget().limitBytes(Budget.Share.DOCUMENTS) / 2;

        assertThat(first.tryReserve(Budget.Share.DOCUMENTS, half)).isTrue();
        assertThat(second.tryReserve(Budget.Share.DOCUMENTS, 1)).isFalse();
        assertThat(connect(hub, access(Way.TOKEN, "ben")).usage().quota().tryReserve(Budget.Share.DOCUMENTS, half))
                .isTrue();
    }
}
