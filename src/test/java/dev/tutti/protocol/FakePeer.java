package dev.tutti.protocol;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A peer that reads everything at once and remembers it, and its connection to a hub of its own world. Confined to the test. */
public final class FakePeer implements Transport {
    private final World world;
    private final Client client;
    private final List<String> received = new ArrayList<>();
    private @Nullable CloseCode code;
    private String reason = "";

    private FakePeer(World world, Protocol protocol, Access access) {
        this.world = world;
        this.client = world.hub.connect(this, protocol, "", access);
    }

    /** A hub whose runs wait until a test looks at their results, and whose clock stands still. */
    public static final class World {
        private static final TimeSource STOPPED = new TimeSource() {
            @Override
            public long nanos() {
                return 0;
            }

            @Override
            public long millis() {
                return 1_800_000_000_000L;
            }
        };

        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final Limits limits;
        private final Hub hub;

        /** Makes a hub with the default limits but for these settings. */
        public World(Map<String, String> settings) {
            this(settings, STOPPED, RoomLogs.IN_MEMORY);
        }

        /** Makes a hub with another clock and other logs. */
        public World(Map<String, String> settings, TimeSource time, RoomLogs logs) {
            limits = Settings.read(Limits.class, settings::get);
            hub = new Hub(limits, "h", tasks::add, 1, time, Metrics.NONE, logs);
        }

        public Limits limits() {
            return limits;
        }

        public Hub hub() {
            return hub;
        }

        public FakePeer connect(Protocol protocol, String user) {
            return connect(protocol, Access.unrestricted(user));
        }

        /** Connects a peer with these rights. */
        public FakePeer connect(Protocol protocol, Access access) {
            return new FakePeer(this, protocol, access);
        }

        private void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    public Client client() {
        return client;
    }

    /** Returns the frames since the last call, in their order. */
    public List<String> take() {
        world.run();
        List<String> taken = List.copyOf(received);
        received.clear();
        return taken;
    }

    /** Returns the code that the connection was closed with, null if it is open. */
    public @Nullable CloseCode closeCode() {
        world.run();
        return code;
    }

    /** Returns the reason of the close, empty if the connection is open. */
    public String closeReason() {
        world.run();
        return reason;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        for (int i = from; i < batch.size(); i++) {
            received.add(batch.frame(i).text());
        }
        done.done(null);
        return batch.size();
    }

    @Override
    public void ping(Runnable handedOver) {
        handedOver.run();
    }

    @Override
    public void close(CloseCode closeCode, String closeReason) {
        code = closeCode;
        reason = closeReason;
    }
}
