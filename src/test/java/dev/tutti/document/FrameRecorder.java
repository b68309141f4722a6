package dev.tutti.document;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Transport;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transport that completes each send at once, and records the frames and the close. Confined to the test's thread. */
public class FrameRecorder implements Transport {
    private final List<String> received = new ArrayList<>();
    private @Nullable CloseCode closeCode;
    private String closeReason = "";

    /** Returns the frames in hexadecimal; a test may clear them. */
    public final List<String> received() {
        return received;
    }

    /** Returns the code of the last close; null if the connection is open. */
    public final @Nullable CloseCode closeCode() {
        return closeCode;
    }

    /** Returns the reason of the last close; empty if the connection is open. */
    public final String closeReason() {
        return closeReason;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        for (int i = from; i < batch.size(); i++) {
            received.add(HexFormat.of().formatHex(batch.frame(i).payload()));
        }
        done.done(null);
        return batch.size();
    }

    @Override
    public void ping(Runnable handedOver) {}

    @Override
    public void close(CloseCode code, String reason) {
        closeCode = code;
        closeReason = reason;
    }
}
