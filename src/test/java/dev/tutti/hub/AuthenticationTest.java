package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Way;
import dev.tutti.settings.Settings;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuthenticationTest {
    private static final Access STRANGER = new Access(Identity.ANONYMOUS, Permissions.ALLOW_ALL);
    private static final Access ANN = ann(null);

    private static Access ann(@Nullable Instant end) {
        return new Access(new Identity(Way.TOKEN, "Ann", Set.of(), Map.of(), end), Permissions.ALLOW_ALL);
    }

    /** Takes a token later. */
    private static final Protocol PROTOCOL = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }

        @Override
        public boolean takesTokenLater() {
            return true;
        }

        @Override
        public Frame expiring(long leftMillis) {
            return Frame.text("expiring " + leftMillis);
        }
    };

    /** Nobody is pinged. */
    private static final Limits LIMITS =
            Settings.read(Limits.class, Map.of("ping-seconds", "0", "vanished-seconds", "0")::get);

    private final FakeTime time = new FakeTime();
    private final Hub hub = new Hub(LIMITS, "h", new FakeExecutor(), 1, time);
    private final FakeTransport transport = new FakeTransport(FakeTransport.Mode.INSIDE, 100);

    private Client connect(Protocol protocol, Access access) {
        return hub.connect(transport, protocol, "", access);
    }

    private void pass(long nanos) {
        time.passNanos(nanos);
        hub.tick();
    }

    @Test
    void clientWithoutATokenIsClosedAfterItsTime() {
        Client client = connect(PROTOCOL, STRANGER);
        pass(Authentication.TIME_LIMIT_NANOS - 1);
        assertThat(client.hasEnded()).isFalse();

        pass(1);

        assertThat(client.hasEnded()).isTrue();
        assertThat(transport.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void tokenInTimeKeepsTheConnection() {
        Client client = connect(PROTOCOL, STRANGER);
        pass(Authentication.TIME_LIMIT_NANOS - 1);
        assertThat(client.user()).isEqualTo(client.id());

        assertThat(client.authentication().replace(ANN)).isTrue();
        pass(Authentication.TIME_LIMIT_NANOS);

        assertThat(client.hasEnded()).isFalse();
        assertThat(client.user()).isEqualTo("Ann");
    }

    @Test
    void otherProtocolsHaveNoTimeLimit() {
        Client client = connect(TestProtocol.ALL_EVENTS, STRANGER);

        pass(Authentication.TIME_LIMIT_NANOS);

        assertThat(client.hasEnded()).isFalse();
    }

    private Instant inMillis(long millis) {
        return Instant.ofEpochMilli(time.millis() + millis);
    }

    private void passMillis(long millis) {
        pass(millis * 1_000_000);
    }

    @Test
    void endOfATokenIsAnnouncedOnceThenCloses() {
        Client client = connect(PROTOCOL, ann(inMillis(60_000)));
        passMillis(34_999);
        assertThat(transport.sent()).isEmpty();
        passMillis(1);
        passMillis(1_000);
        assertThat(transport.sent()).containsExactly("expiring 25000");
        passMillis(23_999);
        assertThat(client.hasEnded()).isFalse();

        passMillis(1);

        assertThat(client.hasEnded()).isTrue();
        assertThat(transport.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void newTokenKeepsTheConnectionAndIsAnnouncedToo() {
        Client client = connect(PROTOCOL, ann(inMillis(60_000)));
        passMillis(40_000);

        assertThat(client.authentication().replace(ann(inMillis(60_000)))).isTrue();
        passMillis(30_000);
        assertThat(client.hasEnded()).isFalse();
        passMillis(5_000);

        assertThat(transport.sent()).containsExactly("expiring 20000", "expiring 25000");
    }

    @Test
    void protocolWithoutAMessageIsClosedAtTheEnd() {
        Client client = connect(TestProtocol.ALL_EVENTS, ann(inMillis(60_000)));
        passMillis(59_999);
        assertThat(client.hasEnded()).isFalse();
        passMillis(1);

        assertThat(transport.sent()).isEmpty();
        assertThat(transport.closedWith()).isEqualTo(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void identityWithoutAnEndStays() {
        Client client = connect(TestProtocol.ALL_EVENTS, ANN);
        passMillis(1_000_000);

        assertThat(client.hasEnded()).isFalse();
    }
}
