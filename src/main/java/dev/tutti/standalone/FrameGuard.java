package dev.tutti.standalone;

import dev.tutti.endpoint.SessionRegistry;
import jakarta.websocket.Session;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.memory.ByteBufferArray;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * Ahead of Tyrus: lets a client's good frames pass as they are, and closes the client at the first bad one, with a code and a
 * reason, through its outbox, so behind all that was said to it before. Safe for any thread.
 *
 * <p>After a close frame, whoever sent it, nothing more of the client reaches Tyrus, and the connection has
 * {@value Ending#MAX_SECONDS} seconds left.
 */
final class FrameGuard extends BaseFilter {
    /** Pongs that may wait for a client to read them; its pings beyond are not answered (RFC 6455 section 5.5.3 allows that). */
    static final int MAX_PONGS_OWED = 16;

    private static final Attribute<Inbound> INBOUND =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute(FrameGuard.class.getName());

    private static final byte CLOSE = (byte) 0x88;
    private static final byte PONG = (byte) 0x8A;

    private final long maxTextBytes;
    private final long maxBinaryBytes;
    private final LongSupplier nanoTime;
    private final Ending ending;

    /** Makes the guard; what a message may have is what Tyrus can take at most, or less. */
    FrameGuard(long maxTextBytes, long maxBinaryBytes, LongSupplier nanoTime, Ending ending) {
        this.maxTextBytes = maxTextBytes;
        this.maxBinaryBytes = maxBinaryBytes;
        this.nanoTime = nanoTime;
        this.ending = ending;
    }

    /** What comes from one client. Reading is confined to the thread that reads its connection. */
    private static final class Inbound extends AtomicInteger {
        private static final long serialVersionUID = 1;

        private final transient FrameParser parser;
        private transient volatile @Nullable Session session;
        /** A violation was answered. */
        private volatile boolean failed;
        /** Our close frame is on its way. */
        private volatile boolean closing;

        /** As a number, this is the pongs owed. */
        Inbound(FrameGuard guard) {
            parser = new FrameParser(guard.maxTextBytes, guard.maxBinaryBytes, guard.nanoTime, this::mayAnswerPing);
        }

        private boolean mayAnswerPing() {
            return get() < MAX_PONGS_OWED && incrementAndGet() > 0;
        }
    }

    /** From now on, frames come on this connection. */
    void begin(TCPNIOConnection connection) {
        INBOUND.set(connection, new Inbound(this));
    }

    /** Returns whether frames come on this connection, no requests any more. */
    static boolean guards(TCPNIOConnection connection) {
        return INBOUND.get(connection) != null;
    }

    /** Tells whose frames these are. */
    static void opened(TCPNIOConnection connection, Session session) {
        Inbound inbound = INBOUND.get(connection);
        if (inbound != null) {
            inbound.session = session;
        }
    }

    @Override
    public NextAction handleRead(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null) {
            return context.getInvokeAction();
        }
        Buffer bytes = context.getMessage();
        if (!inbound.parser.hasEnded()) {
            int good = read(inbound.parser, bytes);
            if (inbound.closing) {
                if (inbound.parser.hasEnded() && inbound.parser.violation() == null) {
                    connection.closeSilently(); // both have said that they close
                }
            } else if (!inbound.parser.hasEnded()) {
                return context.getInvokeAction();
            } else if (good > 0) {
                return passLast(context, inbound, bytes, good);
            }
        }
        if (inbound.parser.violation() != null) {
            fail(connection, inbound, inbound.parser.violation());
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    /** Passes the last good frames on; if a bad one follows, it comes back to this filter when Tyrus has had them. */
    private static NextAction passLast(FilterChainContext context, Inbound inbound, Buffer bytes, int good) {
        Buffer rest = good < bytes.remaining() ? bytes.split(bytes.position() + good) : null;
        if (rest != null && inbound.parser.violation() != null) {
            return context.getInvokeAction(rest);
        }
        if (rest != null) {
            rest.tryDispose();
        }
        return context.getInvokeAction();
    }

    private static int read(FrameParser parser, Buffer bytes) {
        if (!bytes.isComposite()) {
            return parser.read(bytes.toByteBuffer());
        }
        ByteBufferArray parts = bytes.toByteBufferArray();
        ByteBuffer[] array = parts.getArray();
        int good = 0;
        for (int i = 0; i < parts.size() && !parser.hasEnded(); i++) {
            good += parser.read(array[i]);
        }
        parts.recycle();
        return good;
    }

    private void fail(TCPNIOConnection connection, Inbound inbound, Violation violation) {
        if (inbound.failed || inbound.closing) {
            return;
        }
        inbound.failed = true;
        ending.begin(connection);
        Session session = inbound.session;
        if (session == null) {
            connection.terminateSilently();
        } else {
            SessionRegistry.close(session, violation.code(), violation.reason());
        }
    }

    /** Sees what Tyrus itself sends: pongs and close frames. Batches of messages go past this filter. */
    @Override
    @SuppressWarnings("rawtypes") // as in Grizzly's filter chain
    public NextAction handleWrite(FilterChainContext context) {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        Inbound inbound = INBOUND.get(connection);
        if (inbound == null || !(context.getMessage() instanceof Buffer frame) || !frame.hasRemaining()) {
            return context.getInvokeAction();
        }
        byte first = frame.get(frame.position());
        FilterChainContext.TransportContext transport = context.getTransportContext();
        if (first == PONG) {
            transport.setCompletionHandler(
                    new AfterWrite<>(inbound::decrementAndGet, transport.getCompletionHandler()));
        } else if (first == CLOSE) {
            inbound.closing = true;
            if (inbound.failed) {
                transport.setCompletionHandler(ending.closingOutput(connection, transport.getCompletionHandler()));
            } else {
                ending.begin(connection);
            }
        }
        return context.getInvokeAction();
    }
}
