package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.security.Identity;
import dev.tutti.security.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Limits of a user on two servers, which exchange reports. */
class UserReportsTest {
    private static final Identity ANN = new Identity(Way.TOKEN, "ann", Set.of(), Map.of(), null);
    private static final long SECOND = 1_000_000_000L;

    private final FakeTime time = new FakeTime();

    /** A server with its users. */
    private final class Server {
        private final Users users;
        private final UserReports reports;

        Server(Map<String, Object> limits) {
            users = new Users(TestLimits.with(limits), time);
            reports = new UserReports(users, time);
        }

        private UserUsage connect() {
            UserUsage usage = users.connect(ANN);
            assertThat(usage).isNotNull();
            return usage;
        }

        private @Nullable LimitBreach receive(int messages) {
            return users.receive(ANN, messages, 0, time.nanos());
        }

        /** Returns the reports of some seconds; others change nothing meanwhile. */
        private List<UserUse> take(int seconds) {
            List<UserUse> all = new ArrayList<>();
            for (int i = 0; i < seconds; i++) {
                time.passNanos(SECOND);
                all.addAll(reports.take());
            }
            return all;
        }
    }

    private Server server(Map<String, Object> limits) {
        return new Server(limits);
    }

    private static void report(Server from, Server to) {
        to.reports.learn("from", from.reports.take());
    }

    private static void assertBreach(LimitBreach breach, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        LimitException.class,
                        thrown -> assertThat(thrown.breach()).isEqualTo(breach));
    }

    @Test
    void connectionsOfAllServersCount() {
        Map<String, Object> limits = Map.of("max-connections-per-user", 3);
        Server here = server(limits);
        Server there = server(limits);
        UserUsage first = there.connect();
        there.connect();
        here.connect();

        report(there, here);
        report(here, there);

        assertThat(here.users.isFull(ANN)).isTrue();
        assertThat(there.users.isFull(ANN)).isTrue();
        assertBreach(LimitBreach.CONNECTIONS_PER_USER, here::connect);
        there.users.disconnect(first);
        assertThat(here.users.isFull(ANN)).isTrue();
        report(there, here);
        here.connect();
    }

    @Test
    void roomsAndDocumentsOfAllServersCount() {
        Map<String, Object> limits = Map.of("max-rooms-per-user", 2, "max-documents-per-user", 2);
        Server here = server(limits);
        Server there = server(limits);
        UserUsage far = there.connect();
        far.addRoom();
        far.addRoom();
        far.addDocument();
        report(there, here);

        UserUsage near = here.connect();

        assertBreach(LimitBreach.ROOMS_PER_USER, near::addRoom);
        near.addDocument();
        assertBreach(LimitBreach.DOCUMENTS_PER_USER, near::addDocument);
        far.removeRoom();
        report(there, here);
        near.addRoom();
    }

    @Test
    void messagesOfAllServersCount() {
        Map<String, Object> limits = Map.of("max-messages-per-second-per-user", 10);
        Server here = server(limits);
        Server there = server(limits);
        assertThat(there.receive(45)).isNull();
        report(there, here);
        assertThat(here.receive(6)).isNull();

        assertThat(here.receive(1)).isEqualTo(LimitBreach.MESSAGE_RATE_PER_USER);
        time.passNanos(SECOND / 10);
        assertThat(here.receive(1)).isNull();
        report(here, there); // not the messages of the other server
        assertThat(there.receive(1)).isEqualTo(LimitBreach.MESSAGE_RATE_PER_USER);
        time.passNanos(SECOND);
        assertThat(there.receive(1)).isNull();
    }

    @Test
    void bytesOfAllServersCountForTenSecondsAtMost() {
        Map<String, Object> limits = Map.of("max-bytes-per-second-per-user", 1_000);
        Server here = server(limits);
        here.reports.learn("there", List.of(new UserUse("ann", 0, 0, 0, 1, Long.MAX_VALUE)));
        assertThat(here.receive(1)).isEqualTo(LimitBreach.INPUT_RATE_PER_USER);
        time.passNanos(5 * SECOND);
        assertThat(here.receive(1)).isNull();
    }

    @Test
    void smallUseIsNotReported() {
        Server server = server(Map.of("max-connections-per-user", 33, "max-messages-per-second-per-user", 160));
        UserUsage first = server.connect();
        server.connect();
        server.receive(9);
        assertThat(server.take(5)).isEmpty();

        UserUsage third = server.connect();
        server.receive(10);
        assertThat(server.reports.take()).containsExactly(new UserUse("ann", 3, 0, 0, 10, 0));
        assertThat(server.take(5)).containsExactly(new UserUse("ann", 3, 0, 0, 0, 0)); // nothing has changed
        server.reports.tellAll();
        assertThat(server.reports.take()).hasSize(1);

        server.users.disconnect(third);
        assertThat(server.reports.take()).containsExactly(new UserUse("ann", 0, 0, 0, 0, 0));
        server.users.disconnect(first);
        assertThat(server.take(5)).isEmpty();
    }

    @Test
    void deadServerIsForgotten() {
        Map<String, Object> limits = Map.of("max-connections-per-user", 1);
        Server here = server(limits);
        Server there = server(limits);
        there.connect();
        report(there, here);
        for (int i = 0; i < 4; i++) {
            here.reports.learn("from", there.take(5));
            here.reports.take();
            assertThat(here.users.isFull(ANN)).isTrue();
        }

        here.take(12);
        assertThat(here.users.isFull(ANN)).isTrue();
        here.take(1);
        assertThat(here.users.isFull(ANN)).isFalse();
    }

    @Test
    void lonelyServerCountsByItselfAndReportsAllAnew() {
        Map<String, Object> limits = Map.of("max-connections-per-user", 2);
        Server here = server(limits);
        Server there = server(limits);
        there.connect();
        here.connect();
        report(there, here);
        report(here, there);
        assertThat(here.users.isFull(ANN)).isTrue();

        here.reports.forgetOthers();

        assertThat(here.users.isFull(ANN)).isFalse();
        assertThat(here.reports.take()).containsExactly(new UserUse("ann", 1, 0, 0, 0, 0));
    }

    @Test
    void userStaysUntilOthersKnowTheEnd() {
        Server server = server(Map.of("max-connections-per-user", 2));
        UserUsage usage = server.connect();
        server.reports.take();
        server.users.disconnect(usage);
        server.users.tick(time.nanos());
        assertThat(server.users.size()).isOne();

        assertThat(server.reports.take()).containsExactly(new UserUse("ann", 0, 0, 0, 0, 0));
        server.users.tick(time.nanos());

        assertThat(server.users.size()).isZero();
    }

    @Test
    void reportsOfOtherUsersAreBounded() {
        Server server = server(Map.of());
        for (int i = 0; i < UsersElsewhere.MAX_USERS + 10; i++) {
            server.reports.learn("there", List.of(new UserUse("user-" + i, 1, 0, 0, 0, 0)));
        }
        server.reports.learn("there", List.of(new UserUse("user-1", 2_000, 0, 0, 0, 0)));

        assertThat(server.users.isFull(new Identity(Way.TOKEN, "user-1", Set.of(), Map.of(), null)))
                .isTrue();
    }
}
