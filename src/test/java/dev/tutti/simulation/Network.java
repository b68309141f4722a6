package dev.tutti.simulation;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The network between the server and one client: takes some frames of a send, completes sends inside the call, later or never, and may break.
 * Confined to the world's thread.
 */
final class Network implements Transport {
    private final World world;
    private final int laterPercent;
    private final List<Frame> arrived = new ArrayList<>();
    private @Nullable Completion inFlight;
    private boolean broken;
    private @Nullable CloseCode closedWith;

    /** Makes a network that completes {@code laterPercent} of all sends after their call. */
    Network(World world, int laterPercent) {
        this.world = world;
        this.laterPercent = laterPercent;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        if (inFlight != null) {
            throw new AssertionError("two sends at once");
        }
        int to = from + 1 + world.number(batch.size() - from);
        if (broken) {
            done.done(new IOException("broken"));
            return to;
        }
        for (int i = from; i < to; i++) {
            arrived.add(batch.frame(i));
        }
        if (world.happens(laterPercent)) {
            inFlight = done;
        } else {
            done.done(null);
        }
        return to;
    }

    /** Completes the send in flight; false if there is none. */
    boolean progress() {
        Completion done = inFlight;
        inFlight = null;
        if (done != null) {
            done.done(broken ? new IOException("broken") : null);
        }
        return done != null;
    }

    /** Breaks the connection: later sends fail. */
    void breakDown() {
        broken = true;
    }

    /** Returns the frames that arrived since the last call. */
    List<Frame> take() {
        List<Frame> taken = List.copyOf(arrived);
        arrived.clear();
        return taken;
    }

    boolean isClosed() {
        return closedWith != null;
    }

    @Override
    public void ping(Runnable handedOver) {
        handedOver.run();
    }

    @Override
    public void close(CloseCode code, String reason) {
        closedWith = closedWith == null ? code : closedWith;
    }
}
