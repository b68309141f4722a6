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
 * Closes connections so that the peer can read the last bytes. It shuts down the output after them; the guards drop further input until
 * the peer closes, too. After {@value #MAX_SECONDS} seconds it resets the connection. Closing a socket with unread input would reset it
 * at once, and a reset discards bytes that the peer has not read. Safe for any thread.
 */
public final class LingeringClose {
    public static final int MAX_SECONDS = 2;

    private static final Logger LOG = System.getLogger(LingeringClose.class.getName());

    private final ScheduledExecutorService scheduler;

    public LingeringClose(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /** Sends the last bytes after all queued writes, then shuts down the output. */
    void closeAfter(byte[] lastBytes, TCPNIOConnection connection) {
        resetLater(connection);
        connection.write(Buffers.wrap(connection.getMemoryManager(), lastBytes), shutdownAfterWrite(connection, null));
    }

    /** Resets the connection in {@value #MAX_SECONDS} seconds, unless it closes before. */
    public void resetLater(TCPNIOConnection connection) {
        try {
            var unused = scheduler.schedule(() -> reset(connection), MAX_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) { // the server stops
            connection.terminateSilently();
        }
    }

    /** Resets a connection: the system drops unsent bytes at once instead of keeping them for minutes. */
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
            key.selector().wakeup(); // the selector frees the socket; without this, only its next wake-up does
        }
    }

    /** Returns a handler for the last write that shuts down the output, then calls {@code next}. */
    @SuppressWarnings("rawtypes") // as in Grizzly's filter chain
    <M, A> CompletionHandler<WriteResult<M, A>> shutdownAfterWrite(
            TCPNIOConnection connection, @Nullable CompletionHandler next) {
        return new AfterWrite<>(() -> shutdownOutput(connection), next);
    }

    private static void shutdownOutput(TCPNIOConnection connection) {
        if (connection.getChannel() instanceof SocketChannel channel) {
            try {
                channel.shutdownOutput();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the peer is gone", e);
            }
        }
    }
}
