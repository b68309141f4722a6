package dev.tutti.endpoint;

import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import jakarta.websocket.Session;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Makes the transports of sessions in a container, by Jakarta's API alone. Safe for any thread. */
public final class ContainerTransports implements Function<Session, Transport> {
    private final Executor pings;
    private final PendingCloses pendingCloses;
    private final BlockingWriters writers;
    private final TimeSource time;
    private final RandomGenerator random;

    /**
     * Makes the source of transports.
     *
     * @param pings runs pings, each of which may wait for its peer
     * @param pendingCloses runs closes
     * @param writers send on containers whose asynchronous sends are slow
     * @param random makes the data of pings, and cannot be predicted
     */
    public ContainerTransports(
            Executor pings,
            PendingCloses pendingCloses,
            BlockingWriters writers,
            TimeSource time,
            RandomGenerator random) {
        this.pings = pings;
        this.pendingCloses = pendingCloses;
        this.writers = writers;
        this.time = time;
        this.random = random;
    }

    @Override
    public Transport apply(Session session) {
        SessionTransport transport = new SessionTransport(session, pings, pendingCloses);
        if (TomcatTransport.serves(session)) {
            return new TomcatTransport(session, transport, writers, time, random);
        }
        return GlassFishTransport.serves(session)
                ? new GlassFishTransport(session, transport, time, random)
                : transport;
    }
}
