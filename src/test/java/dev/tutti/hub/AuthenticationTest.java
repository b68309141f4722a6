package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Way;
import dev.tutti.settings.Settings;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuthenticationTest {
    private static final Access STRANGER = new Access(Identity.ANONYMOUS, Permissions.ALLOW_ALL);
    private static final Access ANN =
            new Access(new Identity(Way.TOKEN, "Ann", Set.of(), Map.of(), null), Permissions.ALLOW_ALL);

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
    };

    private final FakeTime time = new FakeTime();
    private final Hub hub = new Hub(Settings.read(Limits.class, name -> null), "h", new FakeExecutor(), 1, time);
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

        assertThat(client.authenticate(ANN, Frame::text)).isTrue();
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
}
