package dev.tutti.protocol;

import dev.tutti.protocol.plain.Message;
import dev.tutti.protocol.plain.MessageReader;
import dev.tutti.protocol.plain.MessageWriter;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The cost of a message that does not depend on the number of receivers: from the text of a frame to a message, and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    /** Characters of the message. */
    @Param({"64", "1024", "16384"})
    public int length;

    private final MessageReader reader = new MessageReader(new SizeLimit(65536));
    private String frame;
    private Message.Text message;

    @Setup
    public void setUp() {
        message = new Message.Text("Grüße! ".repeat(length / 7 + 1).substring(0, length));
        frame = MessageWriter.write(message);
    }

    @Benchmark
    public Message decode() {
        return reader.read(frame);
    }

    @Benchmark
    public String encode() {
        return MessageWriter.write(message);
    }
}
