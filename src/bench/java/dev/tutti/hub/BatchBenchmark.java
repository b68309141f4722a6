package dev.tutti.hub;

import dev.tutti.protocol.plain.PlainProtocol;
import java.util.Collections;
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

/** The cost of one batch, from publications to wire format; all clients share it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchBenchmark {
    /** Publications of 64 bytes. */
    @Param({"1", "80"})
    public int publications;

    private List<Publication> waiting;

    @Setup
    public void setUp() {
        waiting = Collections.nCopies(publications, new Publication(1, 0, null, '"' + "x".repeat(62) + '"'));
    }

    @Benchmark
    public byte[] wire() {
        return Batch.of(waiting.stream()
                        .map(said -> PlainProtocol.INSTANCE.encode("room", said))
                        .toList())
                .wire();
    }
}
