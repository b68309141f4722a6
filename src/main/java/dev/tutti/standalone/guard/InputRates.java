package dev.tutti.standalone.guard;

import dev.tutti.hub.ReferenceCountedMap;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.glassfish.grizzly.IOEvent;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;

/**
 * The {@link InputRate} of each address. A connection over the limit is not closed: the server does not read it for a while, so TCP slows its
 * peer down. Safe for any thread.
 */
public final class InputRates {
    private static final Logger LOG = System.getLogger(InputRates.class.getName());

    /** 0 means no limit. */
    private final int maxBytesPerSecond;

    private final ScheduledExecutorService scheduler;
    private final LongSupplier nanoTime;
    private final ReferenceCountedMap<InputRate> byAddress = new ReferenceCountedMap<>();

    /** @param maxBytesPerSecond from one address; 0 means no limit */
    public InputRates(int maxBytesPerSecond, ScheduledExecutorService scheduler, LongSupplier nanoTime) {
        this.maxBytesPerSecond = maxBytesPerSecond;
        this.scheduler = scheduler;
        this.nanoTime = nanoTime;
    }

    /** The input of one connection. {@link #received} is called by the connection's selector thread, {@link #close} by any. */
    final class Meter {
        private final TCPNIOConnection connection;
        private final String quotaKey;
        private final InputRate rate;
        /** Guarded by this. */
        private boolean isClosed;

        private Meter(TCPNIOConnection connection, String quotaKey) {
            this.connection = connection;
            this.quotaKey = quotaKey;
            this.rate = acquire(quotaKey);
        }

        /** Counts bytes that this connection has received, and pauses reading if its address is over the limit. */
        void received(int bytes) {
            long pauseNanos = maxBytesPerSecond == 0 ? 0 : rate.add(bytes, nanoTime.getAsLong());
            if (pauseNanos > 0) {
                pause(connection, pauseNanos);
            }
        }

        /** Stops counting this connection; further calls have no effect. */
        synchronized void close() {
            if (!isClosed) {
                isClosed = true;
                release(quotaKey, rate);
            }
        }
    }

    /**
     * Returns the meter of a new connection, whose {@link Meter#close} must follow.
     *
     * @param quotaKey the key of its address; empty if addresses have no limits: the connection then has a limit of its own
     */
    Meter meter(TCPNIOConnection connection, String quotaKey) {
        return new Meter(connection, quotaKey);
    }

    private InputRate acquire(String quotaKey) {
        return quotaKey.isEmpty() ? newRate() : byAddress.acquire(quotaKey, key -> newRate());
    }

    private InputRate newRate() {
        return new InputRate(Math.max(1, maxBytesPerSecond), nanoTime.getAsLong());
    }

    private void release(String quotaKey, InputRate rate) {
        byAddress.release(quotaKey, rate, 1);
        byAddress.removeIdle(quotaKey, rate, idle -> true);
    }

    private void pause(TCPNIOConnection connection, long nanos) {
        try {
            connection.disableIOEvent(IOEvent.READ);
            var unused = scheduler.schedule(() -> resume(connection), nanos, TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the peer is gone", e);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the server stops", e);
        }
    }

    private static void resume(TCPNIOConnection connection) {
        try {
            connection.enableIOEvent(IOEvent.READ);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the peer is gone", e);
        }
    }
}
