package dev.tutti.hub;

import dev.tutti.metrics.Meters;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.security.Access;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of a room's run with 1,000 clients, without the network. Divided by 1,000 and the publications it is that of a delivery. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RoomBenchmark {
    private static final int CLIENTS = 1_000;

    /** Publications of 64 bytes that wait for the run. */
    @Param({"1", "80"})
    public int publications;

    /** Whether the runs are counted, as in an application. */
    @Param({"false", "true"})
    public boolean counted;

    private final Meters meters = new Meters(List.of(PlainProtocol.INSTANCE));
    private final ArrayDeque<Runnable> asked = new ArrayDeque<>();
    private final String data = '"' + "x".repeat(62) + '"';
    private Client sender;

    @Setup
    public void setUp() {
        Hub hub = new Hub(
                Settings.read(Limits.class, name -> name.equals("max-messages-per-second") ? "0" : null),
                "bench",
                asked::add,
                1,
                TimeSource.SYSTEM,
                counted ? meters.hub() : Metrics.NONE);
        for (int i = 0; i < CLIENTS; i++) {
            sender = hub.connect(new NullTransport(false), PlainProtocol.INSTANCE, "", Access.unrestricted(""));
            sender.memberships().join(Hub.BROADCAST_ROOM, null, null, null);
        }
        runRooms();
    }

    @Benchmark
    public void run() {
        for (int i = 0; i < publications; i++) {
            sender.memberships().get(Hub.BROADCAST_ROOM).publishUnacknowledged(data);
        }
        runRooms();
    }

    private void runRooms() {
        for (Runnable run; (run = asked.poll()) != null; ) {
            run.run();
        }
    }
}
