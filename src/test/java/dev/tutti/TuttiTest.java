package dev.tutti;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.security.Access;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.settings.Settings;
import dev.tutti.store.StoreOptions;
import org.junit.jupiter.api.RepeatedTest;

class TuttiTest {
    private static final Limits LIMITS = Settings.read(Limits.class, name -> null);
    private static final Gate GATE = AccessSettings.gate(name -> null);

    @RepeatedTest(20)
    void stopEndsAllThreads() throws InterruptedException {
        Tutti tutti = Tutti.start(LIMITS, GATE, Permissions.ALLOW_ALL, StoreOptions.inMemory());
        for (int i = 0; i < 50; i++) { // a room thread starts with its first task
            tutti.parts()
                    .hub()
                    .connect(new SilentTransport(), PlainProtocol.INSTANCE, "", Access.unrestricted(""))
                    .memberships()
                    .join(Hub.BROADCAST_ROOM, null, null, null);
        }
        tutti.stop(0);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("tutti-"));
    }

    /** Completes every send and does nothing else. */
    private static final class SilentTransport implements Transport {
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
}
