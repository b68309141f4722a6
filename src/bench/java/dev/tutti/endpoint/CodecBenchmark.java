package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a message costs once: from a frame's text to a message, and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    /** Characters of the message. */
    @Param({"64", "1024", "16384"})
    public int length;

    private final MessageDecoder decoder = new MessageDecoder();
    private final MessageEncoder encoder = new MessageEncoder();
    private String frame;
    private Message.Text message;

    @Setup
    public void setUp() {
        Limits limits = Settings.read(Limits.class, name -> null);
        Hub hub = new Hub(limits, "bench", task -> {}, 1, TimeSource.SYSTEM);
        Documents documents = new Documents(
                limits, hub.budget(), new MemoryStore(), task -> {}, TimeSource.SYSTEM, (task, nanos) -> {});
        SessionRegistry.serve(hub, documents, session -> {
            throw new AssertionError("nobody connects");
        });
        message = new Message.Text("Grüße! ".repeat(length / 7 + 1).substring(0, length));
        frame = encoder.encode(message);
    }

    @Benchmark
    public Message decode() {
        return decoder.decode(frame);
    }

    @Benchmark
    public String encode() {
        return encoder.encode(message);
    }
}
