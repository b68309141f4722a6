package dev.tutti.standalone.guard;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.CompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * How a connection ends so that its peer still hears why: after the last bytes the sending side is closed, what the peer still sends
 * is dropped by whoever reads, and when it has closed too, all is over. After {@value #MAX_SECONDS} seconds the connection is reset. Closing a socket
 * with unread input would reset it, and a reset takes from the peer what it has not read. Safe for any thread.
 */
public final class Ending {
    public static final int MAX_SECONDS = 2;

    private static final Logger LOG = System.getLogger(Ending.class.getName());

    private final ScheduledExecutorService clock;

    public Ending(ScheduledExecutorService clock) {
        this.clock = clock;
    }

    /** Sends the last bytes behind what was sent before. */
    void after(byte[] lastBytes, TCPNIOConnection connection) {
        begin(connection);
        connection.write(Buffers.wrap(connection.getMemoryManager(), lastBytes), closingOutput(connection, null));
    }

    /** The connection has {@value #MAX_SECONDS} seconds left. */
    public void begin(TCPNIOConnection connection) {
        try {
            var unused = clock.schedule(() -> reset(connection), MAX_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) { // the server stops
            connection.terminateSilently();
        }
    }

    /** Ends a connection whose peer has had its time: the system drops the bytes that the peer has not read, instead of keeping them for minutes. */
    static void reset(TCPNIOConnection connection) {
        if (connection.getChannel() instanceof SocketChannel channel) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the peer is gone", e);
            }
        }
        connection.terminateSilently();
        SelectionKey key = connection.getSelectionKey();
        if (key != null) {
            key.selector().wakeup(); // which frees the socket: until then the close is only noted
        }
    }

    /** Returns what to call when the last bytes are written; it calls {@code next}, too. */
    @SuppressWarnings("rawtypes") // as in Grizzly's filter chain
    <M, A> CompletionHandler<WriteResult<M, A>> closingOutput(
            TCPNIOConnection connection, @Nullable CompletionHandler next) {
        return new AfterWrite<>(() -> closeOutput(connection), next);
    }

    private static void closeOutput(TCPNIOConnection connection) {
        if (connection.getChannel() instanceof SocketChannel channel) {
            try {
                channel.shutdownOutput();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the peer is gone", e);
            }
        }
    }
}
