package dev.tutti.hub;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of a batch for each client, without the network. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OutboxBenchmark {
    private final Batch batch = Batch.of(List.of(Frame.text('"' + "x".repeat(62) + '"')));
    private final NullTransport slow = new NullTransport(true);
    private Outbox idle;
    private Outbox busy;

    private final Outbox.Owner owner = new Outbox.Owner() {
        @Override
        public void limitBreached(LimitBreach breach) {
            throw new AssertionError(breach);
        }

        @Override
        public void sendFailed(Throwable failure) {
            throw new AssertionError(failure);
        }
    };

    @Setup
    public void setUp() {
        idle = new Outbox(new NullTransport(false), 1 << 20, new Budget(1 << 30), owner);
        busy = new Outbox(slow, 1 << 20, new Budget(1 << 30), owner);
        busy.offer(batch);
    }

    /** The client keeps up: the send completes inside the call. */
    @Benchmark
    public void offerToIdle() {
        idle.offer(batch);
    }

    /** A send is in flight: the batch waits, and is sent when that send completes. */
    @Benchmark
    public void offerToBusy() {
        busy.offer(batch);
        slow.complete();
    }
}
